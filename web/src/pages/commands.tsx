import Link from "@cloudscape-design/components/link";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const filters: readonly FilterProperty[] = [
  { key: "cpId", label: "Station" },
  {
    key: "command",
    label: "Command",
    values: ["get_configuration", "change_configurations", "reset", "remote_start", "remote_stop"],
  },
  {
    key: "state",
    label: "State",
    values: ["queued", "sent", "answered", "callError", "timedOut", "connectionLost", "failed"],
  },
  { key: "bulkId", label: "Bulk command" },
  { key: "from", label: "Not older than", isTime: true },
  { key: "to", label: "Not newer than", isTime: true },
];

/** The commands to all stations, newest first. */
export const Component = () => (
  <List
    title="Commands"
    path="/remote_commands"
    operationId="listCommands"
    trackBy={({ commandId }) => commandId}
    columns={[
      {
        id: "command",
        header: "Command",
        cell: ({ commandId, command }) => (
          <Link href={`#/commands/${encodeURIComponent(commandId)}`}>{command}</Link>
        ),
        isRowHeader: true,
      },
      { id: "station", header: "Station", cell: ({ cpId }) => <StationLink cpId={cpId} /> },
      { id: "state", header: "State", cell: ({ state }) => <Status word={state} /> },
      { id: "requested", header: "Requested", cell: ({ requestedAt }) => <Time at={requestedAt} /> },
      { id: "by", header: "By", cell: ({ requestedBy }) => <RequestedBy by={requestedBy} /> },
      { id: "problem", header: "Problem", cell: ({ problem }) => problem?.title ?? "–" },
    ]}
    filters={filters}
    placeholder="Find commands by station, state, time …"
    empty="No command was sent yet."
  />
);
