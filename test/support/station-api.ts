import { createApi } from "../../shared/http/api.ts";
import { stationHandlers, stationRenewals } from "../../shared/http/handlers/stations.ts";
import { tokenHandlers } from "../../shared/http/handlers/tokens.ts";
import { idempotencyStore } from "../../shared/http/idempotency.ts";
import { stationRoutes } from "../../shared/http/routes/stations.ts";
import { tokenRoutes } from "../../shared/http/routes/tokens.ts";
import { clientKey, networkKey } from "../../shared/store/keys.ts";
import { callApi, type TestRequest } from "./api.ts";
import { startTable } from "./table.ts";
import { noTimers } from "./timers.ts";

/** The moment at which these tests take place. */
export const NOW = Date.UTC(2026, 5, 1, 12);

/**
 * The routes of stations and tokens over a table of their own, with the network `open`, which needs no authentication,
 * its client `opener`, and the client `both`, which belongs to `default` as well.
 */
export async function startStationApi() {
  const { table, passwords, stop } = await startTable();
  const closed: string[] = [];
  const deps = {
    table,
    passwords,
    timers: noTimers,
    clock: { now: () => NOW, sleep: async () => {} },
    connections: {
      isGone: async () => false,
      post: async () => "sent" as const,
      close: async (connectionId: string) => {
        closed.push(connectionId);
      },
    },
  };
  const handlers = { ...stationHandlers(deps), ...tokenHandlers(deps) };
  const handler = createApi([...stationRoutes, ...tokenRoutes], handlers, {
    ...deps,
    scopePrefix: "",
    idempotencyStore: idempotencyStore(table, deps.clock),
    renewals: stationRenewals(deps),
  });
  await table.put({ ...networkKey("open"), networkId: "open", allowUnauthenticatedStations: true });
  await table.put({ ...clientKey("both"), clientId: "both", networks: new Set(["default", "open"]) });
  await table.put({ ...clientKey("opener"), clientId: "opener", networks: new Set(["open"]) });
  return {
    table,
    passwords,
    stop,
    /** The connections that were closed. */
    closed,
    call: (operationId: string, request?: TestRequest) => callApi(handler, operationId, request),
  };
}

export type StationApi = Awaited<ReturnType<typeof startStationApi>>;

/** The pointers of the errors in a 400. */
export const pointers = (body: { errors: { pointer: string }[] }) =>
  body.errors.map(({ pointer }) => pointer);
