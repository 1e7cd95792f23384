import Link from "@cloudscape-design/components/link";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const filters: readonly FilterProperty[] = [
  { key: "idTag", label: "Token begins with" },
  { key: "status", label: "Status", values: ["Accepted", "Blocked", "Expired", "Invalid"] },
  { key: "groupId", label: "Group" },
];

/** The token list of a network. */
export const Component = () => (
  <List
    title="Tokens"
    description="They decide who may charge where the network's authorization is “listed”."
    path="/tokens"
    operationId="listTokens"
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
    create={{ text: "Add token", href: "#/tokens/new" }}
    filters={filters}
    freeText="idTag"
    placeholder="Find tokens by their beginning, status, group"
    empty="The list is empty."
  />
);
