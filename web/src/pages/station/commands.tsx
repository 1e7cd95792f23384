import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { Answer } from "../../api/client.ts";
import { type Operation, useDocument } from "../../api/document.ts";
import { commandGroups, isSupported } from "../../commands.ts";
import { useMayWrite } from "../../context.ts";
import { OperationForm } from "../../form/operation-form.tsx";
import { CommandAnswer } from "../../ui/command-answer.tsx";
import { ProblemAlert } from "../../ui/problem.tsx";
import { versionText } from "../../ui/status.tsx";
import type { StationTab } from "../station.tsx";

interface Sent {
  readonly operation: Operation;
  readonly answer: Answer;
  readonly at: string;
}

/** Every command that the station can be sent, with its form. Answers stay until the page is left. */
export default function Commands({ station }: StationTab) {
  const { cpId, connection, defaultProtocol } = station;
  const { command: wanted } = useParams();
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const { data: document, error } = useDocument();
  const [sent, setSent] = useState<readonly Sent[]>([]);
  if (error) return <ProblemAlert error={error} />;
  if (document === undefined) return <Spinner />;
  const protocol = connection.protocol ?? defaultProtocol;
  const groups = commandGroups(document);
  const commands = groups.flatMap((group) => group.commands);
  const operation =
    commands.find(({ operationId }) => operationId === wanted) ??
    commands.find(({ operationId }) => operationId === "reset") ??
    commands[0];
  if (operation === undefined) return <Box>The API has no commands.</Box>;
  const supported = isSupported(operation, protocol);
  const options = groups.map(({ name, commands }) => ({
    label: name,
    options: commands.map((one) => ({
      value: one.operationId,
      label: one.summary,
      disabled: !isSupported(one, protocol),
      ...(!isSupported(one, protocol) && { description: `OCPP ${versionText(protocol)} does not have it.` }),
    })),
  }));
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
      <Container header={<Header>{operation.summary}</Header>}>
        <SpaceBetween size="l">
          <FormField label="Command">
            <Select
              options={options}
              filteringType="auto"
              filteringPlaceholder="Find a command"
              selectedOption={{ value: operation.operationId, label: operation.summary }}
              onChange={({ detail }) =>
                navigate(`/stations/${encodeURIComponent(cpId)}/commands/${detail.selectedOption.value}`)
              }
            />
          </FormField>
          {!supported && (
            <Alert type="info">{`OCPP ${versionText(protocol)} does not have this command.`}</Alert>
          )}
          {!connection.connected && (
            <Alert type="info">
              The station is offline. Only a remote start waits for it; other commands are refused.
            </Alert>
          )}
          {!mayWrite && <Alert type="info">Your role may read, but not send commands.</Alert>}
          {supported && (
            <OperationForm
              key={operation.operationId}
              operationId={operation.operationId}
              path={{ cpId, assetId: cpId }}
              {...bodyFor(operation, cpId)}
              connectors={station.connectors}
              onDone={(answer) =>
                setSent((before) => [{ operation, answer, at: new Date().toISOString() }, ...before])
              }
            />
          )}
        </SpaceBetween>
      </Container>
      <SpaceBetween size="m">
        <Header variant="h2">Answers</Header>
        <div aria-live="polite">
          <SpaceBetween size="m">
            {sent.length === 0 && (
              <Box color="text-body-secondary">The answers of the commands that you send appear here.</Box>
            )}
            {sent.map(({ operation, answer, at }) => (
              <CommandAnswer
                key={at}
                title={operation.summary}
                operationId={operation.operationId}
                answer={answer}
                at={at}
              />
            ))}
          </SpaceBetween>
        </div>
      </SpaceBetween>
    </Grid>
  );
}

/** What the page knows of the body: the station, where the body names it. */
function bodyFor({ operationId }: Operation, cpId: string) {
  if (operationId === "createRemoteStartAttempt") return { fixed: { cpId } };
  if (operationId !== "remoteStop") return {};
  return {
    initial: { cpId },
    // One body names an attempt, the other a transaction of the station.
    toBody: (body: unknown) => {
      const { cpId: _, ...members } = body as Record<string, unknown>;
      return "remoteStartAttemptId" in members ? members : { ...members, cpId };
    },
  };
}
