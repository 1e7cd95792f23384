import { randomUUID } from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { bulkHandlers } from "../../shared/http/handlers/bulk.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { bulkCommandRoutes } from "../../shared/http/routes/bulk.ts";
import { openTable } from "../../shared/store/table.ts";
import { bulkQueue } from "../bulk-queue.ts";
import { environment, logDays, scopePrefix } from "../environment.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  clock: systemClock,
  logDays: logDays(),
  newId: randomUUID,
  queue: bulkQueue,
  scopePrefix: scopePrefix(),
};

/** Bulk commands: a queue runs them, results are polled. */
export const handler = createApi(bulkCommandRoutes, bulkHandlers(deps), {
  ...deps,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
