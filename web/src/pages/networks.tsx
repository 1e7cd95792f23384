import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi } from "../context.ts";
import { LimitInUse } from "../ui/limit-in-use.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";

/** All networks, with the limit in use. */
export function Component() {
  const api = useApi();
  const pages = usePages(
    ["networks"],
    (query: PageRequest) => dataOf(api.client.GET("/networks", { params: { query } })),
    { refreshMs: 2_000 },
  );
  return (
    <ListTable<Schemas["Network"]>
      title="Networks"
      operationId="listNetworks"
      pages={pages}
      trackBy={({ networkId }) => networkId}
      columns={[
        {
          id: "network",
          header: "Network",
          cell: ({ networkId }) => (
            <Link href={`#/networks/${encodeURIComponent(networkId)}`}>{networkId}</Link>
          ),
          isRowHeader: true,
        },
        { id: "name", header: "Name", cell: ({ name }) => name },
        { id: "limit", header: "Commands at once", cell: (network) => <LimitInUse network={network} /> },
        { id: "authorization", header: "Tokens", cell: ({ authorization }) => authorization },
        { id: "messages", header: "Station messages", cell: ({ stationMessages }) => stationMessages },
        { id: "clients", header: "Clients", cell: ({ clients }) => clients.length },
      ]}
      actions={
        <Button variant="primary" href="#/networks/new">
          Create network
        </Button>
      }
      empty={<Box>There is no network yet. The first registered station creates the network “default”.</Box>}
    />
  );
}
