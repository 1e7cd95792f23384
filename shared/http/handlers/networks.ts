import type { FromSchema } from "json-schema-to-ts";
import type { Clock } from "../../clock.ts";
import { DEFAULT_NETWORK } from "../../networks/membership.ts";
import {
  changeNetwork,
  deleteNetwork,
  listNetworks,
  type NetworkSettings,
  readNetwork,
} from "../../networks/networks.ts";
import { notFound, Problem } from "../../problems.ts";
import type { Table } from "../../store/table.ts";
import { deleteWebhooks } from "../../webhooks/remove.ts";
import type { Handlers } from "../api.ts";
import { etagOf, preconditionOf } from "../if-match.ts";
import { MAXIMUM_CLIENTS, type NetworkChanges, type networkRoutes } from "../routes/networks.ts";

/** What serves the routes of networks. */
export function networkHandlers({
  table,
  secrets,
  clock,
}: {
  readonly table: Table;
  /** The table of webhook secrets. */
  readonly secrets: Table;
  readonly clock: Clock;
}): Handlers<typeof networkRoutes> {
  return {
    putNetwork: async ({ params: { networkId }, headers, body }) => {
      if (body.networkId !== undefined && body.networkId !== networkId)
        throw invalid("/networkId", "must be the one in the path");
      refuseOpening(networkId, body.openToUnlistedClients);
      const change = (before: NetworkSettings | undefined): NetworkSettings => {
        if (body.clients === undefined && before && before.clients.length > 0)
          throw invalid("/clients", "is required, because the network has clients: [] removes them all");
        return {
          name: body.name ?? networkId,
          parallelRequests: body.parallelRequests,
          clients: [...new Set(body.clients)],
          allowUnauthenticatedStations: body.allowUnauthenticatedStations,
          // absent: kept, because the default would widen access
          authorization: body.authorization ?? before?.authorization ?? "acceptAll",
          stationMessages: body.stationMessages,
          publish: [...new Set(body.publish)],
          ...intervalOf(body.heartbeatIntervalSeconds),
          ...openness(networkId, body.openToUnlistedClients ?? before?.openToUnlistedClients ?? true),
        };
      };
      const precondition = preconditionOf(headers["if-match"]);
      const { network, version, isNew } = await changeNetwork(
        table,
        { networkId, change, precondition },
        clock.now(),
      );
      return { status: isNew ? 201 : 200, headers: etagOf(version), body: network };
    },

    patchNetwork: async ({ params: { networkId }, headers, body }) => {
      refuseOpening(networkId, body.openToUnlistedClients);
      const change = (before: NetworkSettings | undefined): NetworkSettings => {
        if (!before) throw notFound("network");
        return changed(networkId, before, body);
      };
      const precondition = preconditionOf(headers["if-match"]);
      const { network, version } = await changeNetwork(
        table,
        { networkId, change, precondition },
        clock.now(),
      );
      return { status: 200, headers: etagOf(version), body: network };
    },

    deleteNetwork: async ({ params: { networkId }, headers }) => {
      await deleteNetwork(table, networkId, {
        precondition: preconditionOf(headers["if-match"]),
        deleteWebhooks: () => deleteWebhooks({ table, secrets }, networkId),
      });
      return { status: 204 };
    },

    getNetwork: async ({ params }) => {
      const { network, version } = await readNetwork(table, params.networkId, clock.now());
      return { status: 200, headers: etagOf(version), body: network };
    },

    listNetworks: async ({ query }) => ({ status: 200, body: await listNetworks(table, query, clock.now()) }),
  };
}

/** The settings with what the body names. */
function changed(
  networkId: string,
  before: NetworkSettings,
  body: FromSchema<typeof NetworkChanges>,
): NetworkSettings {
  const { addClients = [], removeClients = [], clients = before.clients } = body;
  if (addClients.some((clientId) => removeClients.includes(clientId)))
    throw invalid("/removeClients", "must not name a client that addClients names, too");
  const listed = new Set([...clients, ...addClients]);
  for (const clientId of removeClients) listed.delete(clientId);
  if (listed.size > MAXIMUM_CLIENTS)
    throw invalid("/addClients", `must not give the network more than ${MAXIMUM_CLIENTS} clients`);
  return {
    name: body.name === undefined ? before.name : (body.name ?? networkId),
    parallelRequests: body.parallelRequests ?? before.parallelRequests,
    clients: [...listed],
    allowUnauthenticatedStations: body.allowUnauthenticatedStations ?? before.allowUnauthenticatedStations,
    authorization: body.authorization ?? before.authorization,
    stationMessages: body.stationMessages ?? before.stationMessages,
    publish: [...new Set(body.publish ?? before.publish)],
    ...intervalOf(
      body.heartbeatIntervalSeconds === undefined
        ? before.heartbeatIntervalSeconds
        : body.heartbeatIntervalSeconds,
    ),
    ...openness(networkId, body.openToUnlistedClients ?? before.openToUnlistedClients ?? true),
  };
}

/** `null`: none of its own. */
const intervalOf = (heartbeatIntervalSeconds: number | null | undefined) =>
  typeof heartbeatIntervalSeconds === "number" ? { heartbeatIntervalSeconds } : {};

const openness = (networkId: string, openToUnlistedClients: boolean) =>
  networkId === DEFAULT_NETWORK ? { openToUnlistedClients } : {};

function refuseOpening(networkId: string, open: boolean | undefined): void {
  if (open !== undefined && networkId !== DEFAULT_NETWORK)
    throw invalid("/openToUnlistedClients", "is a member of the network default only");
}

const invalid = (pointer: string, detail: string): Problem =>
  new Problem("invalid-request", "The settings of the network are not valid; see `errors`.", {
    errors: [{ pointer, detail }],
  });
