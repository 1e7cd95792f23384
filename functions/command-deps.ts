import { randomUUID } from "node:crypto";
import { openConnections } from "../shared/calls/post.ts";
import { systemClock } from "../shared/clock.ts";
import type { CommandDeps, QueuedCommand } from "../shared/commands/run.ts";
import { openTable } from "../shared/store/table.ts";
import { environment, logDays } from "./environment.ts";

/** What the functions that run commands have in common. */
export const commandDeps = (): CommandDeps => ({
  table: openTable(environment("TABLE_NAME")),
  connections: openConnections(environment("CONNECTIONS_ENDPOINT")),
  clock: systemClock,
  logDays: logDays(),
  newId: randomUUID,
  runInBackground,
});

/** The SDK's Lambda client is loaded by the few commands that need it, not by every cold start. */
async function runInBackground(queued: QueuedCommand): Promise<void> {
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  await new LambdaClient().send(
    new InvokeCommand({
      FunctionName: environment("BACKGROUND_FUNCTION"),
      InvocationType: "Event",
      Payload: JSON.stringify(queued),
    }),
  );
}
