import Link from "@cloudscape-design/components/link";
import { Progress } from "../ui/bulk-progress.tsx";
import { List } from "../ui/list.tsx";
import { RequestedBy } from "../ui/requested-by.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

/** The bulk commands of a network, newest first. */
export const Component = () => (
  <List
    title="Bulk commands"
    description="One command, sent to many stations."
    path="/remote_commands/bulk"
    operationId="listBulkCommands"
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
      { id: "requested", header: "Requested", cell: ({ requestedAt }) => <Time at={requestedAt} /> },
      { id: "by", header: "By", cell: ({ requestedBy }) => <RequestedBy by={requestedBy} /> },
    ]}
    create={{ text: "New bulk command", href: "#/bulk/new" }}
    empty="No command was sent to many stations yet."
  />
);
