import type { Route } from "../route.ts";
import { Command } from "../schemas.ts";

/** What has become of a command. */
export const commandRoutes = [
  {
    operationId: "getCommand",
    method: "GET",
    path: "/remote_commands/{commandId}",
    scopes: ["read:ocpp"],
    summary: "Read a command",
    description: "For a command with one CALL, its id is the OCPP message id.",
    responses: { 200: { description: "The command.", schema: Command } },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
