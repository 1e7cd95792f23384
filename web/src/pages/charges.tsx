import Box from "@cloudscape-design/components/box";
import { dataOf } from "../api/client.ts";
import { useApi, useNetwork } from "../context.ts";
import { chargeColumns } from "../ui/charge-columns.tsx";
import { Filter, type FilterProperty, useFilter } from "../ui/filter.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";

const properties: readonly FilterProperty[] = [
  { key: "idTag", label: "Token" },
  { key: "cpId", label: "Station" },
  { key: "state", label: "State", values: ["running", "ended"] },
  { key: "from", label: "Not older than", isTime: true },
  { key: "to", label: "Not newer than", isTime: true },
];

/** The charges (transactions) of all stations, newest first. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const filter = useFilter(properties);
  const pages = usePages(["charges", network, filter.query], (page: PageRequest) =>
    dataOf(
      api.client.GET("/transactions", {
        params: { query: { ...network, ...(filter.query as object), ...page } },
      }),
    ),
  );
  return (
    <ListTable
      title="Charges"
      operationId="searchTransactions"
      pages={pages}
      trackBy={({ id }) => id}
      columns={chargeColumns}
      filter={
        <Filter
          properties={properties}
          freeText="idTag"
          placeholder="Find charges by token, station, state, time …"
          values={filter.values}
          onChange={filter.set}
        />
      }
      empty={
        <Box>{Object.keys(filter.values).length > 0 ? "No charge matches." : "Nothing was charged yet."}</Box>
      }
    />
  );
}
