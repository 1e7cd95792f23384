import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { type Answer, dataOf } from "../api/client.ts";
import { useDocument } from "../api/document.ts";
import { ApiProblem } from "../api/problem.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { PayloadEditor } from "../raw/payload-editor.tsx";
import { csmsActions, useRequestSchemas } from "../raw/schemas.ts";
import { CommandAnswer } from "../ui/command-answer.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { SendingState, useSending } from "../ui/sending.tsx";
import { useStation } from "../ui/station-link.tsx";
import { Connected, versionText } from "../ui/status.tsx";

interface Sent {
  readonly action: string;
  readonly answer: Answer;
  readonly at: string;
}

/** Any request of the station's OCPP version, written with the help of its schema. */
export function Component() {
  const [search, setSearch] = useSearchParams();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const { data: document } = useDocument();
  const wanted = search.get("station") ?? "";
  const action = search.get("action") ?? "";
  const { data: station, error: stationError } = useStation(wanted, 5_000);
  const protocol = station?.connection.protocol ?? station?.defaultProtocol;
  const schemas = useRequestSchemas(protocol);
  const [payloads, setPayloads] = useState<Readonly<Record<string, unknown>>>({});
  const [isChecked, setChecked] = useState(true);
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const sending = useSending();
  const { send, isSending, error } = sending;

  const choose = (values: Record<string, string>) =>
    setSearch({ station: wanted, action, ...values }, { replace: true });
  const actions = document && protocol ? csmsActions(document, protocol) : [];
  const schema = schemas.data?.get(action);
  const payload = Object.hasOwn(payloads, action) ? payloads[action] : {};

  const [refused, setRefused] = useState<unknown>();
  // What the API found in a payload is no news of one that was changed since.
  const problems = error instanceof ApiProblem && refused === payload ? error.errors : [];

  const submit = async () => {
    setRefused(payload);
    const answer = await send({
      method: "POST",
      path: "/ocpp/v2/raw-request",
      body: {
        action,
        assetId: station?.cpId ?? wanted,
        payload,
        async: false,
        ...(network.network !== undefined && { network: { id: network.network } }),
        ...(!isChecked && { validate: false }),
      },
      repeatable: true,
    });
    if (answer) setSent([{ action, answer, at: new Date().toISOString() }, ...sent]);
  };

  return (
    <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
      <Container
        header={
          <PageHeader description="Any request that a CSMS may send in the station's OCPP version.">
            Raw request
          </PageHeader>
        }
      >
        <SpaceBetween size="l">
          <StationField value={wanted} onChange={(station) => choose({ station })} />
          {wanted !== "" && stationError && <ProblemAlert error={stationError} operationId="getStation" />}
          {station && (
            <span className="facts">
              <Connected connection={station.connection} />
              <span>OCPP {versionText(protocol)}</span>
            </span>
          )}
          <FormField label="Action">
            <Select
              options={actions.map((value) => ({ value, label: value }))}
              filteringType="auto"
              placeholder={station ? "Choose" : "Choose a station first"}
              empty="No actions"
              disabled={actions.length === 0}
              selectedOption={action === "" ? null : { value: action, label: action }}
              onChange={({ detail }) => choose({ action: detail.selectedOption.value ?? "" })}
            />
          </FormField>
          <ProblemAlert error={schemas.error} />
          {action !== "" && protocol !== undefined && (
            <PayloadEditor
              key={`${protocol} ${action}`}
              schema={schema}
              value={payload}
              onChange={(value) => setPayloads({ ...payloads, [action]: value })}
              problems={problems}
            />
          )}
          <Checkbox checked={isChecked} onChange={({ detail }) => setChecked(detail.checked)}>
            The API checks the payload by the schema
          </Checkbox>
          <SendingState sending={sending} operationId="sendRawRequest" />
          {mayWrite ? (
            <Button
              variant="primary"
              loading={isSending}
              disabled={station === undefined || action === "" || payload === undefined}
              onClick={() => void submit()}
            >
              Send
            </Button>
          ) : (
            <Alert type="info">Your role may read, but not send requests.</Alert>
          )}
        </SpaceBetween>
      </Container>
      <SpaceBetween size="m">
        <Header variant="h2">Answers</Header>
        <div aria-live="polite">
          <SpaceBetween size="m">
            {sent.length === 0 && <Box color="text-body-secondary">The station's answers appear here.</Box>}
            {sent.map(({ action, answer, at }) => (
              <CommandAnswer key={at} title={action} operationId="sendRawRequest" answer={answer} at={at} />
            ))}
          </SpaceBetween>
        </div>
      </SpaceBetween>
    </Grid>
  );
}

interface StationFieldProps {
  readonly value: string;
  readonly onChange: (station: string) => void;
}

/** A station by its identity; the beginning of one is completed. */
function StationField({ value, onChange }: StationFieldProps) {
  const api = useApi();
  const network = useNetwork();
  const { data: chosen } = useStation(value);
  const [typed, setTyped] = useState<string>();
  const text = typed ?? chosen?.identity ?? value;
  const { data, isFetching } = useQuery({
    queryKey: ["stations by identity", text, network],
    enabled: typed !== undefined,
    queryFn: () =>
      dataOf(
        api.client.GET("/stations", {
          params: { query: { ...network, limit: 20, ...(text !== "" && { identity: text }) } },
        }),
      ),
  });
  const choose = (station: string) => {
    setTyped(undefined);
    onChange(station);
  };
  return (
    <FormField label="Station" description="Its identity, or its cpId.">
      <Autosuggest
        value={text}
        options={(data?.items ?? []).map(({ identity, name }) => ({
          value: identity,
          ...(name && { description: name }),
        }))}
        filteringType="manual"
        statusType={isFetching ? "loading" : "finished"}
        enteredTextLabel={(entered) => `Use ${entered}`}
        placeholder="CP001"
        empty="No station"
        onChange={({ detail }) => setTyped(detail.value)}
        onSelect={({ detail }) => choose(detail.value)}
        onBlur={() => typed !== undefined && choose(typed)}
      />
    </FormField>
  );
}
