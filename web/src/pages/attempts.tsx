import Link from "@cloudscape-design/components/link";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";
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
const filters: readonly FilterProperty[] = [
  { key: "cpId", label: "Station" },
  { key: "state", label: "State", values: states },
];

/** The remote start attempts of all stations, newest first. */
export const Component = () => (
  <List
    title="Attempts"
    description="Remote starts, from the request to the end of the charge."
    path="/remote_commands/asynchronous/remote_start_attempt"
    operationId="listRemoteStartAttempts"
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
    create={{ text: "Start charging", href: "#/attempts/new" }}
    filters={filters}
    placeholder="Find attempts by station, state"
    empty="No charge was started remotely yet."
  />
);
