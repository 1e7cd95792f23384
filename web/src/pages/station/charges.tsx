import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { dataOf } from "../../api/client.ts";
import { useApi, useNetwork } from "../../context.ts";
import { chargeColumns } from "../../ui/charge-columns.tsx";
import { List } from "../../ui/list.tsx";
import { ProblemAlert } from "../../ui/problem.tsx";
import type { StationTab } from "../station.tsx";

const ofStation = chargeColumns.filter(({ id }) => id !== "station");

/** All charges of a station. */
const Charges = ({ station: { cpId } }: StationTab) => (
  <List
    title="Charges"
    path="/stations/{cpId}/transactions"
    parameters={{ cpId }}
    operationId="listTransactions"
    trackBy={({ id }) => id}
    columns={ofStation}
    variant="embedded"
    empty="Nothing was charged here yet."
  />
);

export default Charges;

const REFRESH_MS = 5_000;

export function RunningCharges({ cpId }: { readonly cpId: string }) {
  const api = useApi();
  const network = useNetwork();
  const { data, error } = useQuery({
    queryKey: ["running charges", cpId, network],
    queryFn: () =>
      dataOf(
        api.client.GET("/transactions", {
          params: { query: { ...network, cpId, state: "running", limit: 50 } },
        }),
      ),
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
