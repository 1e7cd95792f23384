import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { Progress } from "../ui/bulk-progress.tsx";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";
import { RequestedBy } from "../ui/requested-by.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

/** The bulk commands of a network, newest first. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const pages = usePages(["bulk", network], (page: PageRequest) =>
    dataOf(api.client.GET("/remote_commands/bulk", { params: { query: { ...network, ...page } } })),
  );
  return (
    <ListTable<Schemas["Bulk"]>
      title="Bulk commands"
      operationId="listBulkCommands"
      pages={pages}
      trackBy={({ bulkId }) => bulkId}
      columns={[
        {
          id: "command",
          header: "Command",
          cell: ({ bulkId, command }) => <Link href={`#/bulk/${encodeURIComponent(bulkId)}`}>{command}</Link>,
          isRowHeader: true,
        },
        { id: "state", header: "State", cell: ({ state }) => <Status word={state} /> },
        { id: "progress", header: "Progress", cell: (bulk) => <Progress bulk={bulk} /> },
        { id: "stations", header: "Stations", cell: ({ counts }) => counts.total.toLocaleString() },
        { id: "requested", header: "Requested", cell: ({ requestedAt }) => <Time at={requestedAt} /> },
        { id: "by", header: "By", cell: ({ requestedBy }) => <RequestedBy by={requestedBy} /> },
      ]}
      actions={
        mayWrite && (
          <Button variant="primary" href="#/bulk/new">
            New bulk command
          </Button>
        )
      }
      empty={<Box>No command was sent to many stations yet.</Box>}
    />
  );
}
