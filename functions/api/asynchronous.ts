import { randomUUID } from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { asynchronousHandlers } from "../../shared/http/handlers/asynchronous.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { asynchronousRoutes } from "../../shared/http/routes/asynchronous.ts";
import { openTable } from "../../shared/store/table.ts";
import { timers } from "../attempt-timers.ts";
import { environment, logDays, scopePrefix } from "../environment.ts";
import { runInBackground } from "../run-in-background.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  clock: systemClock,
  timers: timers(),
  scopePrefix: scopePrefix(),
  logDays: logDays(),
  newId: randomUUID,
  runInBackground,
};

/** Start and stop charging, clear the cache. Results are polled. */
export const handler = createApi(asynchronousRoutes, asynchronousHandlers(deps), {
  ...deps,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
