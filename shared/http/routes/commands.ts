import type { Route } from "../route.ts";
import { Command } from "../schemas.ts";

/** What has become of a command. */
export const commandRoutes = [
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
