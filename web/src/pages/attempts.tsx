import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { Filter, type FilterProperty, useFilter } from "../ui/filter.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const states = [
  "pending",
  "sent",
  "accepted",
  "rejected",
  "started",
  "stopping",
  "stopped",
  "expired",
  "cancelled",
  "failed",
];
const properties: readonly FilterProperty[] = [
  { key: "cpId", label: "Station" },
  { key: "state", label: "State", values: states },
];

/** The remote start attempts of all stations, newest first. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const filter = useFilter(properties);
  const pages = usePages(["attempts", network, filter.query], (page: PageRequest) =>
    dataOf(
      api.client.GET("/remote_commands/asynchronous/remote_start_attempt", {
        params: { query: { ...network, ...(filter.query as object), ...page } },
      }),
    ),
  );
  return (
    <ListTable<Schemas["RemoteStartAttempt"]>
      title="Attempts"
      description="Remote starts, from the request to the end of the charge."
      operationId="listRemoteStartAttempts"
      pages={pages}
      trackBy={({ id }) => id}
      columns={[
        {
          id: "id",
          header: "Attempt",
          cell: ({ id, idTag }) => <Link href={`#/attempts/${id}`}>{idTag}</Link>,
          isRowHeader: true,
        },
        { id: "station", header: "Station", cell: ({ cpId }) => <StationLink cpId={cpId} /> },
        { id: "state", header: "State", cell: ({ state }) => <Status word={state} /> },
        { id: "created", header: "Created", cell: ({ createdAt }) => <Time at={createdAt} /> },
        { id: "valid", header: "Valid until", cell: ({ validUntil }) => <Time at={validUntil} /> },
        { id: "by", header: "By", cell: ({ requestedBy }) => <RequestedBy by={requestedBy} /> },
        { id: "problem", header: "Problem", cell: ({ problem }) => problem?.title ?? "–" },
      ]}
      actions={
        mayWrite && (
          <Button variant="primary" href="#/attempts/new">
            Start charging
          </Button>
        )
      }
      filter={
        <Filter
          properties={properties}
          placeholder="Find attempts by station, state"
          values={filter.values}
          onChange={filter.set}
        />
      }
      empty={
        <Box>
          {Object.keys(filter.values).length > 0
            ? "No attempt matches."
            : "No charge was started remotely yet."}
        </Box>
      }
    />
  );
}
