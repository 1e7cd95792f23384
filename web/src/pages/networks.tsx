import Link from "@cloudscape-design/components/link";
import { LimitInUse } from "../ui/limit-in-use.tsx";
import { List } from "../ui/list.tsx";

const REFRESH_MS = 2_000;

/** All networks, with the limit in use. */
export const Component = () => (
  <List
    title="Networks"
    description="Each has stations, clients, and a limit of commands that run at once."
    path="/networks"
    operationId="listNetworks"
    isOfNetwork={false}
    refreshMs={REFRESH_MS}
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
    create={{ text: "Create network", href: "#/networks/new" }}
    empty="There is no network yet. The first registered station creates the network “default”."
  />
);
