import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { dataOf } from "../../api/client.ts";
import { useApi } from "../../context.ts";
import { chargeColumns } from "../../ui/charge-columns.tsx";
import { ListTable } from "../../ui/list-table.tsx";
import { type PageRequest, usePages } from "../../ui/pages.ts";
import { ProblemAlert } from "../../ui/problem.tsx";
import type { StationTab } from "../station.tsx";

const ofStation = chargeColumns.filter(({ id }) => id !== "station");

/** All charges of a station. */
export default function Charges({ station: { cpId } }: StationTab) {
  const api = useApi();
  const pages = usePages(["station charges", cpId], (query: PageRequest) =>
    dataOf(api.client.GET("/stations/{cpId}/transactions", { params: { path: { cpId }, query } })),
  );
  return (
    <ListTable
      title="Charges"
      operationId="listTransactions"
      pages={pages}
      trackBy={({ id }) => id}
      columns={ofStation}
      variant="embedded"
      empty={<Box>Nothing was charged here yet.</Box>}
    />
  );
}

const REFRESH_MS = 5_000;

export function RunningCharges({ cpId }: { readonly cpId: string }) {
  const api = useApi();
  const { data, error } = useQuery({
    queryKey: ["running charges", cpId],
    queryFn: () =>
      dataOf(api.client.GET("/transactions", { params: { query: { cpId, state: "running", limit: 50 } } })),
    refetchInterval: REFRESH_MS,
  });
  if (error) return <ProblemAlert error={error} operationId="searchTransactions" />;
  return (
    <Table
      columnDefinitions={ofStation.filter(({ id }) => id !== "end")}
      items={data?.items ?? []}
      loading={data === undefined}
      loadingText="Loading"
      trackBy="id"
      ariaLabels={{ tableLabel: "Running charges" }}
      header={<Header counter={data && `(${data.items.length})`}>Running charges</Header>}
      empty="Nothing charges now."
    />
  );
}
