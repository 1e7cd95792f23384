import type { Clock } from "../../clock.ts";
import { listCommands } from "../../commands/list.ts";
import { readCommand } from "../../commands/resource.ts";
import { searchLog } from "../../log/read.ts";
import type { Table } from "../../store/table.ts";
import type { Handlers } from "../api.ts";
import type { commandRoutes } from "../routes/commands.ts";
import { searchOf } from "../search-of.ts";

/** What serves the routes of command resources and of the communication log of a network. */
export function commandHandlers({
  table,
  clock,
}: {
  readonly table: Table;
  readonly clock: Clock;
}): Handlers<typeof commandRoutes> {
  return {
    listCommands: async ({ query, caller, remainingMs }) => {
      const { network: _, ...filter } = query;
      const about = await searchOf(caller, query, remainingMs);
      return { status: 200, body: await listCommands(table, { ...filter, ...about, now: clock.now() }) };
    },

    searchCommunicationLog: async ({ query, caller, remainingMs }) => {
      const { network: _, ...filter } = query;
      const about = await searchOf(caller, query, remainingMs);
      return { status: 200, body: await searchLog(table, { ...filter, ...about }) };
    },

    getCommand: async ({ params, caller }) => ({
      status: 200,
      body: await readCommand(table, params.commandId, await caller.reader(), clock.now()),
    }),
  };
}
