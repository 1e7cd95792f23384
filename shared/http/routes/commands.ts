import type { Route } from "../route.ts";
import {
  Command,
  CommandSummary,
  LogEntry,
  listOf,
  logFilter,
  network,
  ofStation,
  paging,
  timeSpan,
} from "../schemas.ts";

/** What has become of commands, and what was exchanged with stations. */
export const commandRoutes = [
  {
    operationId: "listCommands",
    method: "GET",
    path: "/remote_commands",
    scopes: ["read:ocpp"],
    summary: "List the commands of a network, newest first",
    description:
      "Returns the commands to all stations, by the time at which they were sent or queued. One request looks at 2,000 of them at most: a page of a filtered list may have fewer items than `limit`, or none, and still a `nextCursor`. Commands that a release before 0.2 stored are listed by station only.",
    query: {
      ...network,
      ...paging,
      ...ofStation,
      ...timeSpan,
      command: { type: "string", minLength: 1, maxLength: 100, examples: ["get_configuration"] },
      state: Command.properties.state,
      bulkId: { type: "string", minLength: 1, maxLength: 100, description: "Of a bulk command." },
    },
    responses: { 200: { description: "Commands, newest first.", schema: listOf(CommandSummary) } },
    problems: ["not-found"],
  },
  {
    operationId: "searchCommunicationLog",
    method: "GET",
    path: "/communication_log",
    scopes: ["read:ocpp"],
    summary: "List the messages exchanged with all stations, newest first",
    description:
      "Returns one entry per OCPP exchange of all stations of the network, in both directions. Heartbeats and meter readings (MeterValues, TransactionEvent of the type Updated) without violations are not in this list; with `cpId`, the list is that station's log, which has them. One request looks at 2,000 entries at most: a page of a filtered list may have fewer items than `limit`, or none, and still a `nextCursor`. Passwords and keys are shown as `***`.",
    query: { ...network, ...paging, ...ofStation, ...timeSpan, ...logFilter },
    responses: { 200: { description: "Entries, newest first.", schema: listOf(LogEntry) } },
    problems: ["not-found"],
  },
  {
    operationId: "getCommand",
    method: "GET",
    path: "/remote_commands/{commandId}",
    scopes: ["read:ocpp", "write:ocpp", "write:ocpp.raw_request"],
    summary: "Read a command",
    description:
      "Returns the state of a command and its OCPP messages. The id of a command with one CALL is also its OCPP message id. With a write scope alone, a client reads the commands that it sent itself; `read:ocpp` reads all of the network.",
    responses: { 200: { description: "The command.", schema: Command } },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
