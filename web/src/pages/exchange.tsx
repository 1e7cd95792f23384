import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { dataOf } from "../api/client.ts";
import { useConsole, useNetwork } from "../context.ts";
import { counted } from "../ui/counted.ts";
import { Json, type Mark } from "../ui/json.tsx";
import { download } from "../ui/log/download.ts";
import { AnswerOf, Direction } from "../ui/log/log-table.tsx";
import type { Entry } from "../ui/log/merge.ts";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { StationLink, useStation } from "../ui/station-link.tsx";
import { versionText } from "../ui/status.tsx";
import { Duration, Time } from "../ui/time.tsx";

/** One exchange: the request and the response side by side. */
export function Component() {
  const { cpId = "", entryId = "" } = useParams();
  const { api } = useConsole();
  const query = useNetwork();
  const { data: entry, error } = useQuery({
    queryKey: ["exchange", cpId, entryId, query],
    queryFn: () =>
      dataOf(
        api.client.GET("/stations/{cpId}/communication_log/{entryId}", {
          params: { path: { cpId, entryId }, query },
        }),
      ),
    // An answer can still come; afterwards nothing changes.
    refetchInterval: ({ state }) => (state.data?.messageType === undefined ? 3_000 : false),
  });
  if (error) return <ProblemAlert error={error} operationId="getLogEntry" />;
  if (entry === undefined) return <Spinner size="large" />;
  return <Exchange entry={entry} />;
}

/** The schema is that of the message which the station sent: its request, or its answer. */
const marksOf = ({ violations = [] }: Entry): Mark[] =>
  violations.map(({ pointer = "", detail }) => ({ pointer, detail }));

function Exchange({ entry }: { readonly entry: Entry }) {
  const { data: station } = useStation(entry.cpId);
  const ofStation = `#/stations/${encodeURIComponent(entry.cpId)}`;
  const marks = marksOf(entry);
  const isFromStation = entry.direction === "fromStation";
  const json = JSON.stringify(entry, null, 2);
  const sender = (isStation: boolean) => (isStation ? "sent by the station" : "sent by the relay");
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <PageHeader
            under={[
              { text: station?.identity ?? entry.cpId, href: ofStation },
              { text: "Communication log", href: `${ofStation}/log` },
            ]}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CopyToClipboard
                  copyButtonText="Copy as JSON"
                  copySuccessText="Copied"
                  copyErrorText="Not copied"
                  textToCopy={json}
                />
                <Button
                  iconName="download"
                  onClick={() =>
                    download(
                      `exchange-${entry.ocppMessageId}.jsonl`,
                      `${JSON.stringify(entry)}\n`,
                      "application/jsonl",
                    )
                  }
                >
                  JSON Lines
                </Button>
              </SpaceBetween>
            }
          >
            {entry.action}
          </PageHeader>
        }
      >
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Station", value: <StationLink cpId={entry.cpId} /> },
            { label: "Direction", value: <Direction direction={entry.direction} /> },
            { label: "Time", value: <Time at={entry.at} /> },
            { label: "Duration", value: <Duration ms={entry.durationMs} /> },
            { label: "Answer", value: <AnswerOf entry={entry} /> },
            { label: "OCPP version", value: versionText(entry.protocol) },
            { label: "OCPP message ID", value: <code>{entry.ocppMessageId}</code> },
            {
              label: "Command",
              value: entry.commandId ? (
                <Link href={`#/commands/${encodeURIComponent(entry.commandId)}`}>{entry.commandId}</Link>
              ) : (
                "–"
              ),
            },
            ...(entry.connectionId
              ? [{ label: "Connection", value: <code>{entry.connectionId}</code> }]
              : []),
          ]}
        />
      </Container>
      {marks.length > 0 && (
        <Alert type="warning" header={`${counted(marks.length, "violation")} of the OCPP schema`}>
          Each is marked at its place below.
        </Alert>
      )}
      <ColumnLayout columns={2}>
        <Container header={<Header description={sender(isFromStation)}>Request</Header>}>
          <Json label="Request" value={entry.request} searchable {...(isFromStation && { marks })} />
        </Container>
        <Container header={<Header description={sender(!isFromStation)}>Response</Header>}>
          {entry.messageType === undefined ? (
            "There is no answer yet."
          ) : (
            <Json label="Response" value={entry.response} searchable {...(!isFromStation && { marks })} />
          )}
        </Container>
      </ColumnLayout>
    </SpaceBetween>
  );
}
