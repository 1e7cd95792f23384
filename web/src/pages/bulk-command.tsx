import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite } from "../context.ts";
import { labelOf } from "../form/schema.ts";
import { Progress } from "../ui/bulk-progress.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { counted } from "../ui/counted.ts";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

const POLL_MS = 2_000;
const outcomes = [
  "accepted",
  "refused",
  "failed",
  "unknown",
  "skipped",
  "cancelled",
  "waiting",
  "running",
] as const;
const filters: readonly FilterProperty[] = [{ key: "outcome", label: "Outcome", values: outcomes }];

/** A bulk command: its progress, and the result of each station. */
export function Component() {
  const { bulkId = "" } = useParams();
  const api = useApi();
  const mayWrite = useMayWrite();
  const navigate = useNavigate();
  const { data: bulk, error } = useQuery({
    queryKey: ["bulk command", bulkId],
    queryFn: () => dataOf(api.client.GET("/remote_commands/bulk/{bulkId}", { params: { path: { bulkId } } })),
    refetchInterval: ({ state }) => (state.data?.completedAt === undefined ? POLL_MS : false),
  });
  if (error) return <ProblemAlert error={error} operationId="getBulkCommand" />;
  if (bulk === undefined) return <Spinner size="large" />;
  const { counts } = bulk;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <PageHeader
            actions={
              mayWrite && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Confirm
                    text="Send again where it failed"
                    question={`Send it again to ${counted(counts.failed, "station")}?`}
                    details="A station that did not answer in time may have executed the command."
                    operationId="retryBulkCommand"
                    path={{ bulkId }}
                    disabled={counts.failed === 0}
                    onDone={({ body }) => navigate(`/bulk/${(body as Schemas["Bulk"]).bulkId}`)}
                  />
                  <Confirm
                    text="Cancel"
                    question="Cancel the bulk command?"
                    details="What was sent goes on to its result. No further station is sent the command."
                    operationId="cancelBulkCommand"
                    path={{ bulkId }}
                    disabled={bulk.state !== "running"}
                  />
                </SpaceBetween>
              )
            }
          >
            {bulk.command}
          </PageHeader>
        }
      >
        <SpaceBetween size="l">
          <Progress bulk={bulk} label="Stations that have ended" />
          <KeyValuePairs
            columns={4}
            items={outcomes.map((outcome) => ({
              label: labelOf(outcome),
              value: (
                <Link href={`#/bulk/${encodeURIComponent(bulkId)}?outcome=${outcome}`}>
                  {counts[outcome].toLocaleString()}
                </Link>
              ),
            }))}
          />
          <KeyValuePairs
            columns={4}
            items={[
              { label: "State", value: <Status word={bulk.state} /> },
              { label: "Requested", value: <Time at={bulk.requestedAt} /> },
              { label: "Completed", value: <Time at={bulk.completedAt} /> },
              { label: "Requested by", value: <RequestedBy by={bulk.requestedBy} /> },
              { label: "At once", value: bulk.parallel },
              {
                label: "Offline stations",
                value: bulk.offline === "wait" ? "are waited for" : "are skipped",
              },
              ...(bulk.expiresAt ? [{ label: "Waits until", value: <Time at={bulk.expiresAt} /> }] : []),
            ]}
          />
        </SpaceBetween>
      </Container>
      <List
        title="Results"
        isPart
        path="/remote_commands/bulk/{bulkId}/results"
        parameters={{ bulkId }}
        operationId="listBulkResults"
        isOfNetwork={false}
        {...(bulk.state === "running" && { refreshMs: POLL_MS })}
        trackBy={({ cpId }) => cpId}
        columns={[
          {
            id: "station",
            header: "Station",
            cell: ({ cpId }) => <StationLink cpId={cpId} />,
            isRowHeader: true,
          },
          { id: "outcome", header: "Outcome", cell: ({ outcome }) => <Status word={outcome} /> },
          { id: "status", header: "The station's word", cell: ({ status }) => status ?? "–" },
          {
            id: "command",
            header: "Command",
            cell: ({ commandId }) =>
              commandId ? <Link href={`#/commands/${encodeURIComponent(commandId)}`}>The command</Link> : "–",
          },
          { id: "at", header: "Ended", cell: ({ at }) => <Time at={at} /> },
          {
            id: "problem",
            header: "Problem",
            cell: ({ problem }) => problem?.detail ?? problem?.title ?? "–",
          },
        ]}
        filters={filters}
        placeholder="Find results by outcome"
        empty="There is no result yet."
      />
    </SpaceBetween>
  );
}
