import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { Filter, type FilterProperty, useFilter } from "../ui/filter.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const properties: readonly FilterProperty[] = [
  { key: "idTag", label: "Token begins with" },
  { key: "status", label: "Status", values: ["Accepted", "Blocked", "Expired", "Invalid"] },
  { key: "groupId", label: "Group" },
];

/** The token list of a network. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const filter = useFilter(properties);
  const pages = usePages(["tokens", network, filter.query], (page: PageRequest) =>
    dataOf(
      api.client.GET("/tokens", {
        params: { query: { ...network, ...(filter.query as object), ...page } },
      }),
    ),
  );
  return (
    <ListTable<Schemas["Token"]>
      title="Tokens"
      description="They decide who may charge where the network's authorization is “listed”."
      operationId="listTokens"
      pages={pages}
      trackBy={({ idTag }) => idTag}
      columns={[
        {
          id: "idTag",
          header: "Token",
          cell: ({ idTag }) => <Link href={`#/tokens/${encodeURIComponent(idTag)}`}>{idTag}</Link>,
          isRowHeader: true,
        },
        { id: "status", header: "Status", cell: ({ status }) => <Status word={status} /> },
        { id: "type", header: "Type", cell: ({ type }) => type ?? "any" },
        { id: "expires", header: "Expires", cell: ({ expiresAt }) => <Time at={expiresAt} /> },
        { id: "group", header: "Group", cell: ({ groupId }) => groupId ?? "–" },
        { id: "note", header: "Note", cell: ({ note }) => note ?? "–" },
      ]}
      actions={
        mayWrite && (
          <Button variant="primary" href="#/tokens/new">
            Add token
          </Button>
        )
      }
      filter={
        <Filter
          properties={properties}
          freeText="idTag"
          placeholder="Find tokens by their beginning, status, group"
          values={filter.values}
          onChange={filter.set}
        />
      }
      empty={<Box>{Object.keys(filter.values).length > 0 ? "No token matches." : "The list is empty."}</Box>}
    />
  );
}
