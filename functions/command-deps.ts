import { randomUUID } from "node:crypto";
import { openConnections } from "../shared/calls/post.ts";
import { systemClock } from "../shared/clock.ts";
import type { CommandDeps } from "../shared/commands/request.ts";
import { openTable } from "../shared/store/table.ts";
import { environment, logDays } from "./environment.ts";
import { runInBackground } from "./run-in-background.ts";

/** What the functions that run commands have in common. */
export const commandDeps = (): CommandDeps => ({
  table: openTable(environment("TABLE_NAME")),
  connections: openConnections(environment("CONNECTIONS_ENDPOINT")),
  clock: systemClock,
  logDays: logDays(),
  newId: randomUUID,
  runInBackground,
});
