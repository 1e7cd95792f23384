import { createApi } from "../../shared/http/api.ts";
import { rateHandlers } from "../../shared/http/handlers/rates.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { rateRoutes } from "../../shared/http/routes/rates.ts";
import { commandDeps } from "../command-deps.ts";
import { scopePrefix } from "../environment.ts";

const deps = commandDeps();

/** Rates, and their display on stations. */
export const handler = createApi(rateRoutes, rateHandlers(deps), {
  table: deps.table,
  scopePrefix: scopePrefix(),
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
