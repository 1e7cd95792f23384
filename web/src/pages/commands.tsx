import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useNetwork } from "../context.ts";
import { Filter, type FilterProperty, useFilter } from "../ui/filter.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const properties: readonly FilterProperty[] = [
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
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const filter = useFilter(properties);
  const pages = usePages(["commands", network, filter.query], (page: PageRequest) =>
    dataOf(
      api.client.GET("/remote_commands", {
        params: { query: { ...network, ...(filter.query as object), ...page } },
      }),
    ),
  );
  return (
    <ListTable<Schemas["CommandSummary"]>
      title="Commands"
      operationId="listCommands"
      pages={pages}
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
      filter={
        <Filter
          properties={properties}
          placeholder="Find commands by station, state, time …"
          values={filter.values}
          onChange={filter.set}
        />
      }
      empty={
        <Box>
          {Object.keys(filter.values).length > 0 ? "No command matches." : "No command was sent yet."}
        </Box>
      }
    />
  );
}
