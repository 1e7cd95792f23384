import { createApi } from "../../shared/http/api.ts";
import { rawHandlers } from "../../shared/http/handlers/raw.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { rawRoutes } from "../../shared/http/routes/raw.ts";
import { openTable } from "../../shared/store/table.ts";
import { commandDeps } from "../command-deps.ts";
import { environment, scopePrefix } from "../environment.ts";

const deps = { ...commandDeps(), passwords: openTable(environment("PASSWORD_TABLE_NAME")) };

/** Any OCPP request, as it is. */
export const handler = createApi(rawRoutes, rawHandlers(deps), {
  table: deps.table,
  scopePrefix: scopePrefix(),
  remembersNetworks: true,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
