import { createApi } from "../../shared/http/api.ts";
import { synchronousHandlers } from "../../shared/http/handlers/synchronous.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { synchronousRoutes } from "../../shared/http/routes/synchronous.ts";
import { openTable } from "../../shared/store/table.ts";
import { commandDeps } from "../command-deps.ts";
import { environment, scopePrefix } from "../environment.ts";

const deps = { ...commandDeps(), passwords: openTable(environment("PASSWORD_TABLE_NAME")) };

/** Commands whose HTTP request stays open until the station answers. */
export const handler = createApi(synchronousRoutes, synchronousHandlers(deps), {
  table: deps.table,
  scopePrefix: scopePrefix(),
  remembersNetworks: true,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
