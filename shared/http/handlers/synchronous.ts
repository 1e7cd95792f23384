import { commandLocation } from "../../calls/location.ts";
import { isAccepted } from "../../commands/answers.ts";
import type { CommandName, Input } from "../../commands/commands.ts";
import { queueOrSendCommand } from "../../commands/queue.ts";
import type { CommandDeps } from "../../commands/request.ts";
import { readCommand } from "../../commands/resource.ts";
import { commandRoutes } from "../../commands/routes.ts";
import { runCommand } from "../../commands/run.ts";
import { generatePassword } from "../../handshake/password-hash.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import { type CommandCall, commandRequest } from "../command-request.ts";
import { refuseTwoConnectors } from "../connector-names.ts";
import { parsePrefer } from "../prefer.ts";
import { withRateLimit } from "../rate-limit.ts";
import type { synchronousRoutes } from "../routes/synchronous.ts";

/** Commands whose HTTP request stays open until the station answers. */
export function synchronousHandlers(deps: CommandDeps): Handlers<typeof synchronousRoutes> {
  return {
    ...commandHandlers(deps),

    setPassword: async ({ body, params, query, ...call }) => {
      const password = body.password ?? generatePassword();
      const command = { name: "setPassword", input: { password } } as const;
      const request = await commandRequest(call, command, params.cpId, query.network);
      const { result, headers } = await withRateLimit((onAdmitted) =>
        runCommand(deps, { ...request, onAdmitted }),
      );
      const { sentBefore, ...answer } = result;
      // a legacy station was sent the password; its answer is not awaited
      const mayHaveIt = answer.status === undefined || isAccepted(answer.status);
      return {
        status: 200,
        headers: { "Cache-Control": "no-store", ...headers },
        body: { ...answer, ...(body.password === undefined && !sentBefore && mayHaveIt && { password }) },
      };
    },
  };
}

type CommandHandlers = Pick<
  Handlers<typeof synchronousRoutes>,
  (typeof commandRoutes)[number]["operationId"]
>;

/** A request of any command's route; its route's schema has validated the body. */
interface AnyCommandCall extends CommandCall {
  readonly params: { readonly cpId: string };
  readonly query: { readonly network?: string };
  readonly body: object | undefined;
}

/** One handler per command route: the input is the body with the parameters of the path. */
function commandHandlers(deps: CommandDeps): CommandHandlers {
  const handlers = commandRoutes.map(({ operationId: name }) => [
    name,
    async ({ params: { cpId, ...params }, body, query, ...call }: AnyCommandCall) => {
      refuseTwoConnectors(body);
      return respond(deps, name, { ...body, ...params } as Input<typeof name>, { cpId, query, ...call });
    },
  ]);
  return Object.fromEntries(handlers) as CommandHandlers;
}

/** Runs a command as the caller prefers: the response waits for the station's answer, or is 202 at once. */
async function respond<Name extends CommandName>(
  deps: CommandDeps,
  name: Name,
  input: Input<Name>,
  { cpId, query, ...call }: Omit<AnyCommandCall, "params" | "body"> & { readonly cpId: string },
): Promise<ApiResponse> {
  const request = await commandRequest(call, { name, input }, cpId, query.network);
  if (!parsePrefer(call.headers?.prefer).respondAsync) {
    const { result, headers } = await withRateLimit((onAdmitted) =>
      runCommand(deps, { ...request, onAdmitted }),
    );
    return { status: 200, headers, body: result };
  }
  const { commandId } = await queueOrSendCommand(deps, request);
  return {
    status: 202,
    headers: { Location: commandLocation(commandId), "Preference-Applied": "respond-async" },
    body: await readCommand(deps.table, commandId, { networks: request.networks }, deps.clock.now()),
  };
}
