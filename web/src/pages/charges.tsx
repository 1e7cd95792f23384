import { chargeColumns } from "../ui/charge-columns.tsx";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";

const filters: readonly FilterProperty[] = [
  { key: "idTag", label: "Token" },
  { key: "cpId", label: "Station" },
  { key: "state", label: "State", values: ["running", "ended"] },
  { key: "from", label: "Not older than", isTime: true },
  { key: "to", label: "Not newer than", isTime: true },
];

/** The charges (transactions) of all stations, newest first. */
export const Component = () => (
  <List
    title="Charges"
    path="/transactions"
    operationId="searchTransactions"
    trackBy={({ id }) => id}
    columns={chargeColumns}
    filters={filters}
    freeText="idTag"
    placeholder="Find charges by token, station, state, time …"
    empty="Nothing was charged yet."
  />
);
