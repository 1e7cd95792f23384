import { failLocked, failRemoved } from "../../attempts/lock.ts";
import type { Timers } from "../../attempts/timers.ts";
import type { CallDeps } from "../../calls/call.ts";
import type { LookDeps } from "../../calls/live-connection.ts";
import { readConfiguration } from "../../configuration/stored.ts";
import { listLog, readLogEntry } from "../../log/read.ts";
import { readRate } from "../../rates/rates.ts";
import { changeStation, lockConnector } from "../../stations/change.ts";
import { changedAuth, disconnected, removeFormer } from "../../stations/change-auth.ts";
import { connectorOf, connectorsOf } from "../../stations/connectors.ts";
import { findStation, listStations } from "../../stations/find.ts";
import { type Imported, importStations, renewImported } from "../../stations/import.ts";
import { listTransactions, readTransaction, searchTransactions } from "../../stations/list-transactions.ts";
import { type RegisterDeps, registerStation, renewPassword } from "../../stations/register.ts";
import { removeStation } from "../../stations/remove.ts";
import { stationResource } from "../../stations/resource.ts";
import { stationVersion } from "../../stations/version.ts";
import type { StationItem } from "../../store/items.ts";
import { requireVersion } from "../../store/version.ts";
import type { ApiResponse, Handlers, Renewals } from "../api.ts";
import type { Caller } from "../caller.ts";
import { etagOf, preconditionOf } from "../if-match.ts";
import type { stationRoutes } from "../routes/stations.ts";
import { READ_MS, searchOf } from "../search-of.ts";
import { stationsToImport } from "../stations-to-import.ts";

/** A replayed registration has no password; it returns a new one while the station has not connected yet. */
export const stationRenewals = (deps: RegisterDeps): Renewals => ({
  registerStation: async (id, body) => {
    const password = await renewPassword(deps, String(body.cpId), id);
    return password === undefined ? {} : { password };
  },
  importStations: async (id, { results }) => ({
    results: await renewImported(deps, id, results as readonly Imported[]),
  }),
});

interface AboutStation {
  readonly params: { readonly cpId: string };
  readonly query: { readonly network?: string };
  readonly caller: Caller;
}

/** What serves the routes of stations. */
export function stationHandlers(
  deps: LookDeps & Pick<CallDeps, "connections"> & { readonly timers: Timers } & RegisterDeps,
): Handlers<typeof stationRoutes> {
  const { table, clock } = deps;

  const stationOf = async ({ params, query, caller }: AboutStation): Promise<StationItem> => {
    const cpId = await caller.resolveCpId(params.cpId, query.network);
    return findStation(table, cpId, await caller.networks());
  };

  const respond = async (station: StationItem): Promise<ApiResponse> => ({
    status: 200,
    headers: etagOf(stationVersion(station)),
    body: await stationResource(deps, station),
  });

  return {
    registerStation: async ({ body, caller, idempotency }) => {
      const networkId = await caller.networkFor(body.networkId, { pointer: "/networkId" });
      if (body.rateId !== undefined) await readRate(table, networkId, body.rateId);
      const { station, password } = await registerStation(deps, { ...body, networkId }, idempotency?.id);
      return {
        status: 201,
        headers: { Location: `/stations/${station.cpId}`, "Cache-Control": "no-store" },
        body: { ...(await stationResource(deps, station)), ...(password && { password }) },
      };
    },

    importStations: async ({ body, caller, idempotency }) => {
      const results = await importStations(
        deps,
        stationsToImport(table, caller, body.stations),
        idempotency?.id,
      );
      const count = (wanted: Imported["outcome"]) =>
        results.filter(({ outcome }) => outcome === wanted).length;
      const counts = { created: count("created"), exists: count("exists"), problem: count("problem") };
      return { status: 200, headers: { "Cache-Control": "no-store" }, body: { results, counts } };
    },

    listStations: async ({ query: { network, limit, cursor, ...filter }, caller, remainingMs }) => {
      const networkId = await caller.networkFor(network);
      const mayGoOn = () => remainingMs() > READ_MS;
      const page = await listStations(table, networkId, { limit, cursor, mayGoOn, filter, now: clock.now() });
      const items = await Promise.all(page.items.map((station) => stationResource(deps, station)));
      // reading a station finds out that its connection is gone
      const { connected } = filter;
      const kept = items.filter(
        ({ connection }) => (connected ?? connection.connected) === connection.connected,
      );
      return { status: 200, body: { ...page, items: kept } };
    },

    getStation: async (request) => respond(await stationOf(request)),

    updateStation: async (request) => {
      const before = await stationOf(request);
      const { auth: wantedAuth, ...change } = request.body;
      if (typeof change.rateId === "string") await readRate(table, before.networkId, change.rateId);
      const precondition = preconditionOf(request.headers["if-match"]);
      requireVersion(precondition, stationVersion(before));
      const { auth, password } = wantedAuth ? await changedAuth(deps, before, wantedAuth) : {};
      const changed = await changeStation(table, before, { ...change, auth }, precondition);
      if (auth) await removeFormer(deps, before, auth);
      if (change.lock === "permanent") await failLocked(deps, changed, clock.now());
      const station = auth ? await disconnected(deps, changed) : changed;
      const response = await respond(station);
      if (password === undefined) return response;
      return {
        ...response,
        headers: { ...response.headers, "Cache-Control": "no-store" },
        body: { ...(response.body as object), password },
      };
    },

    deleteStation: async (request) => {
      const precondition = preconditionOf(request.headers["if-match"]);
      const removed = await removeStation(deps, await stationOf(request), precondition);
      await failRemoved(deps, removed, clock.now());
      return { status: 204 };
    },

    updateConnector: async (request) => {
      const { connectorUuid } = request.params;
      const station = await stationOf(request);
      const precondition = preconditionOf(request.headers["if-match"]);
      const { lock } = request.body;
      const changed = await lockConnector(table, station, { connectorUuid, lock }, precondition);
      if (request.body.lock === "permanent") await failLocked(deps, changed, clock.now());
      const { evseId, connectorId } = connectorOf(changed, connectorUuid);
      const connector = connectorsOf(changed).find(
        (one) => one.evseId === evseId && one.connectorId === connectorId,
      );
      return { status: 200, headers: etagOf(stationVersion(changed)), body: connector };
    },

    getStoredConfiguration: async (request) => {
      const { cpId } = await stationOf(request);
      return { status: 200, body: await readConfiguration(table, cpId) };
    },

    listTransactions: async (request) => {
      const { cpId } = await stationOf(request);
      return { status: 200, body: await listTransactions(table, cpId, request.query) };
    },

    searchTransactions: async ({ query, caller, remainingMs }) => {
      const { network: _, ...filter } = query;
      const about = await searchOf(caller, query, remainingMs);
      return { status: 200, body: await searchTransactions(table, { ...filter, ...about }) };
    },

    getTransaction: async ({ params, caller }) => ({
      status: 200,
      body: await readTransaction(table, params.id, await caller.networks()),
    }),

    listCommunicationLog: async (request) => {
      const { cpId } = await stationOf(request);
      const mayGoOn = () => request.remainingMs() > READ_MS;
      return { status: 200, body: await listLog(table, cpId, request.query, mayGoOn) };
    },

    getLogEntry: async (request) => {
      const { cpId } = await stationOf(request);
      return { status: 200, body: await readLogEntry(table, cpId, request.params.entryId) };
    },
  };
}
