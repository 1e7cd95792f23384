import { sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { Session } from "../session.ts";
import { callCount, setVariables, variablesToSet } from "../variables-v2.ts";
import {
  type ChangeConfigurationsOutput,
  type ChangeResult,
  type ConfigurationChange,
  changeInGroups,
} from "./groups.ts";
import type { route } from "./route.ts";

/** Changes configuration keys. A key that fails does not stop the rest. */
export const changeConfigurations: Command<InputOf<typeof route>, ChangeConfigurationsOutput> = {
  name: "change_configurations",
  rows: {
    /** §5.3 ChangeConfiguration, one key per CALL. */
    v16: {
      callCount: ({ configurations }) => configurations.length,
      async run({ configurations }, session) {
        for (const configuration of configurations) await session.check("ChangeConfiguration", configuration);
        const plan = async () => configurations.map((configuration) => [configuration]);
        return changeInGroups(plan, ([configuration]) =>
          changeOne(session, configuration as ConfigurationChange),
        );
      },
    },

    /** B05 Set Variables */
    v2: {
      callCount: ({ configurations }, station) =>
        callCount("setVariables", variablesToSet(configurations), station),
      run: ({ configurations }, session) => setVariables(configurations, session),
    },
  },
};

async function* changeOne(
  session: Session,
  { key, value }: ConfigurationChange,
): AsyncGenerator<readonly ChangeResult[]> {
  yield [{ key, ...(await sendForStatus(session, "ChangeConfiguration", { key, value })) }];
}
