import { randomUUID } from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { webhookHandlers } from "../../shared/http/handlers/webhooks.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { webhookRoutes } from "../../shared/http/routes/webhooks.ts";
import { openTable } from "../../shared/store/table.ts";
import { allowsLoopback, environment, logDays, scopePrefix } from "../environment.ts";
import { webhookQueue } from "../webhook-queue.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  secrets: openTable(environment("WEBHOOK_SECRET_TABLE_NAME")),
  queue: webhookQueue,
  clock: systemClock,
  newId: randomUUID,
  logDays: logDays(),
  allowsLoopback: allowsLoopback(),
  scopePrefix: scopePrefix(),
};

/** Webhooks and their deliveries. */
export const handler = createApi(webhookRoutes, webhookHandlers(deps), {
  ...deps,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
