import { openConnections } from "../../shared/calls/post.ts";
import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { stationHandlers, stationRenewals } from "../../shared/http/handlers/stations.ts";
import { tokenHandlers } from "../../shared/http/handlers/tokens.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { stationRoutes } from "../../shared/http/routes/stations.ts";
import { tokenRoutes } from "../../shared/http/routes/tokens.ts";
import { openTable } from "../../shared/store/table.ts";
import { timers } from "../attempt-timers.ts";
import { environment, scopePrefix } from "../environment.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  passwords: openTable(environment("PASSWORD_TABLE_NAME")),
  connections: openConnections(environment("CONNECTIONS_ENDPOINT")),
  clock: systemClock,
  timers: timers(),
  scopePrefix: scopePrefix(),
};

/** Stations, their connectors, stored configuration and communication log; token lists. */
export const handler = createApi(
  [...stationRoutes, ...tokenRoutes],
  { ...stationHandlers(deps), ...tokenHandlers(deps) },
  {
    ...deps,
    idempotencyStore: idempotencyStore(deps.table, deps.clock),
    renewals: stationRenewals(deps),
  },
);
