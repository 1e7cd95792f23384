import type { Clock } from "../../clock.ts";
import { readCommand } from "../../commands/resource.ts";
import type { Table } from "../../store/table.ts";
import type { Handlers } from "../api.ts";
import type { commandRoutes } from "../routes/commands.ts";

/** What serves the routes of command resources. */
export function commandHandlers({
  table,
  clock,
}: {
  readonly table: Table;
  readonly clock: Clock;
}): Handlers<typeof commandRoutes> {
  return {
    getCommand: async ({ params, caller }) => ({
      status: 200,
      body: await readCommand(table, params.commandId, await caller.reader(), clock.now()),
    }),
  };
}
