import { expect, it } from "vitest";
import { commands } from "../../shared/commands/commands.ts";
import type { Session } from "../../shared/commands/session.ts";
import { Problem } from "../../shared/problems.ts";
import { notIn16 } from "../../web/src/not-in-16.ts";

/** Whether a command ends at once, before it asks anything of its session. */
async function isLacking({ rows }: { readonly rows: object }): Promise<boolean> {
  const { v16 } = rows as { readonly v16: { run(input: object, session: Session): Promise<unknown> } };
  try {
    await v16.run({}, { protocol: "ocpp1.6" } as Session);
    return false;
  } catch (error) {
    // others lack an option only
    return error instanceof Problem && error.message.startsWith("ocpp1.6 has no action ");
  }
}

it("the console offers a station of OCPP 1.6 every command but those that the version lacks", async () => {
  const lacking: string[] = [];
  for (const [name, command] of Object.entries(commands)) if (await isLacking(command)) lacking.push(name);

  expect(lacking.sort()).toEqual([...notIn16].sort());
});
