import { createApi } from "../../shared/http/api.ts";
import { asynchronousHandlers } from "../../shared/http/handlers/asynchronous.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { asynchronousRoutes } from "../../shared/http/routes/asynchronous.ts";
import { timers } from "../attempt-timers.ts";
import { commandDeps } from "../command-deps.ts";
import { scopePrefix } from "../environment.ts";
import { runInBackground } from "../run-in-background.ts";

const deps = { ...commandDeps(), runInBackground, timers: timers(), scopePrefix: scopePrefix() };

/** Start and stop charging, clear the cache, upload logs, update firmware. Results are polled. */
export const handler = createApi(asynchronousRoutes, asynchronousHandlers(deps), {
  ...deps,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
