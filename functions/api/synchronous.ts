import { createApi } from "../../shared/http/api.ts";
import { synchronousHandlers } from "../../shared/http/handlers/synchronous.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { synchronousRoutes } from "../../shared/http/routes/synchronous.ts";
import { commandDeps } from "../command-deps.ts";

const deps = commandDeps();

/** Commands whose HTTP request stays open until the station answers. */
export const handler = createApi(synchronousRoutes, synchronousHandlers(deps), {
  table: deps.table,
  idempotencyStore: idempotencyStore(deps.table, deps.clock),
});
