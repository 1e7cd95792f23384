import type { Clock } from "../../clock.ts";
import { listNetworks, putNetwork, readNetwork } from "../../networks/networks.ts";
import { Problem } from "../../problems.ts";
import type { Table } from "../../store/table.ts";
import type { Handlers } from "../api.ts";
import type { networkRoutes } from "../routes/networks.ts";

/** What serves the routes of networks. */
export function networkHandlers({
  table,
  clock,
}: {
  readonly table: Table;
  readonly clock: Clock;
}): Handlers<typeof networkRoutes> {
  return {
    putNetwork: async ({ params: { networkId }, body }) => {
      if (body.networkId !== undefined && body.networkId !== networkId) {
        const errors = [{ pointer: "/networkId", detail: "must be the one in the path" }];
        throw new Problem("invalid-request", "The network's id cannot be changed.", { errors });
      }
      const { parallelRequests, allowUnauthenticatedStations, authorization, stationMessages } = body;
      const settings = {
        name: body.name ?? networkId,
        parallelRequests,
        clients: [...new Set(body.clients)],
        allowUnauthenticatedStations,
        authorization,
        stationMessages,
      };
      const { network, isNew } = await putNetwork(table, networkId, settings, clock.now());
      return { status: isNew ? 201 : 200, body: network };
    },

    getNetwork: async ({ params }) => ({
      status: 200,
      body: await readNetwork(table, params.networkId, clock.now()),
    }),

    listNetworks: async ({ query }) => ({ status: 200, body: await listNetworks(table, query, clock.now()) }),
  };
}
