import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi } from "../context.ts";
import { Json } from "../ui/json.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert, StoredProblem } from "../ui/problem.tsx";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Duration, Time } from "../ui/time.tsx";

const POLL_MS = 2_000;
const isOpen = (state: string | undefined) => state === "queued" || state === "sent";

/** A command, its state and its OCPP messages. */
export function Component() {
  const { commandId = "" } = useParams();
  const api = useApi();
  const { data: command, error } = useQuery({
    queryKey: ["command", commandId],
    queryFn: () =>
      dataOf(api.client.GET("/remote_commands/{commandId}", { params: { path: { commandId } } })),
    refetchInterval: ({ state }) => (isOpen(state.data?.state) ? POLL_MS : false),
  });
  if (error) return <ProblemAlert error={error} operationId="getCommand" />;
  if (command === undefined) return <Spinner size="large" />;
  const { cpId } = command;
  return (
    <SpaceBetween size="l">
      <Container header={<PageHeader>{command.command}</PageHeader>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Station", value: <StationLink cpId={cpId} /> },
            {
              label: "State",
              value: (
                <Status
                  word={command.state}
                  text={command.late ? `${command.state} (late)` : command.state}
                />
              ),
            },
            { label: "Requested", value: <Time at={command.requestedAt} /> },
            { label: "Completed", value: <Time at={command.completedAt} /> },
            { label: "Requested by", value: <RequestedBy by={command.requestedBy} /> },
            { label: "Command ID", value: <code>{command.commandId}</code> },
            {
              label: "Communication log",
              value: (
                <Link href={`#/stations/${cpId}/log?commandId=${encodeURIComponent(command.commandId)}`}>
                  Its exchanges
                </Link>
              ),
            },
          ]}
        />
      </Container>
      {command.problem && <StoredProblem problem={command.problem} />}
      {command.calls.length === 0 && <Box>No CALL was sent.</Box>}
      {command.calls.map((call) => (
        <Call key={call.ocppMessageId} call={call} />
      ))}
    </SpaceBetween>
  );
}

function Call({ call }: { readonly call: Schemas["Command"]["calls"][number] }) {
  const { action, ocppMessageId, request, response, sentAt, answeredAt } = call;
  const took =
    sentAt === undefined || answeredAt === undefined
      ? undefined
      : new Date(answeredAt).getTime() - new Date(sentAt).getTime();
  return (
    <Container
      header={
        <Header
          description={
            <span className="facts">
              <code>{ocppMessageId}</code>
              <span>
                sent <Time at={sentAt} />
              </span>
              {took !== undefined && (
                <span>
                  answered after <Duration ms={took} />
                </span>
              )}
            </span>
          }
        >
          {action}
        </Header>
      }
    >
      <ColumnLayout columns={2} borders="vertical">
        <div>
          <Box variant="h4">Request</Box>
          <Json label={`Request of ${action}`} value={request} searchable />
        </div>
        <div>
          <Box variant="h4">Response</Box>
          {response === undefined ? (
            "There is no answer."
          ) : (
            <Json label={`Response of ${action}`} value={response} searchable />
          )}
        </div>
      </ColumnLayout>
    </Container>
  );
}
