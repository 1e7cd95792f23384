import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { dataOf, type Schemas } from "../../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../../context.ts";
import { counted } from "../../ui/counted.ts";
import { ProblemAlert } from "../../ui/problem.tsx";
import { SendingState, useSending } from "../../ui/sending.tsx";
import { Status } from "../../ui/status.tsx";
import { Ago, Time } from "../../ui/time.tsx";
import type { StationTab } from "../station.tsx";

type Key = Schemas["StoredConfiguration"]["configurationKeys"][number];

interface Result {
  readonly key: string;
  readonly status?: string;
  readonly error?: { readonly title?: string; readonly detail?: string };
}

interface Applied {
  readonly commandId: string;
  readonly results: readonly Result[];
}

/** The configuration of a station: read, edited in place, applied. */
export default function Configuration({ station }: StationTab) {
  const { cpId } = station;
  const api = useApi();
  const query = useNetwork();
  const mayWrite = useMayWrite();
  const [search, setSearch] = useState("");
  const [changes, setChanges] = useState<Readonly<Record<string, string>>>({});
  const [applied, setApplied] = useState<Applied>();
  const reading = useSending();
  const applying = useSending();
  const stored = useQuery({
    queryKey: ["configuration", cpId, query],
    queryFn: () =>
      dataOf(api.client.GET("/stations/{cpId}/configuration", { params: { path: { cpId }, query } })),
  });
  const address = (command: string) =>
    `/remote_commands/synchronous/${encodeURIComponent(cpId)}/${command}?${new URLSearchParams(query)}`;

  const read = () =>
    reading.send({ method: "POST", path: address("get_configuration"), body: {}, repeatable: true });

  const apply = async () => {
    const configurations = Object.entries(changes).map(([key, value]) => ({ key, value }));
    const answer = await applying.send({
      method: "POST",
      path: address("change_configurations"),
      body: { configurations },
      repeatable: true,
    });
    if (answer === undefined) return;
    const done = answer.body as Applied;
    setApplied(done);
    const left = new Set((done.results ?? []).filter(({ status }) => !isTaken(status)).map(({ key }) => key));
    setChanges(Object.fromEntries(Object.entries(changes).filter(([key]) => left.has(key))));
  };

  const wanted = search.toLowerCase();
  const keys = stored.data?.configurationKeys ?? [];
  const items = keys.filter(
    ({ key, value = "" }) => key.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted),
  );
  const count = Object.keys(changes).length;
  return (
    <SpaceBetween size="m">
      {stored.error && <ProblemAlert error={stored.error} operationId="getStoredConfiguration" />}
      <SendingState sending={reading} operationId="getConfiguration" />
      <SendingState sending={applying} operationId="changeConfigurations" />
      {applied && <Outcome applied={applied} onDismiss={() => setApplied(undefined)} />}
      <Table<Key>
        variant="embedded"
        columnDefinitions={[
          { id: "key", header: "Key", cell: ({ key }) => <code>{key}</code>, isRowHeader: true },
          {
            id: "value",
            header: "Value",
            cell: ({ key, value }) => <Value value={value} change={changes[key]} />,
            ...(mayWrite && {
              editConfig: {
                ariaLabel: "Value",
                editIconAriaLabel: "can be edited",
                disabledReason: ({ readonly }: Key) =>
                  readonly ? "The station reports this key as read-only." : undefined,
                editingCell: (
                  { key, value = "" }: Key,
                  {
                    currentValue,
                    setValue,
                  }: { currentValue?: string; setValue: (value: string | undefined) => void },
                ) => (
                  <Input
                    autoFocus
                    ariaLabel={`Value of ${key}`}
                    value={currentValue ?? changes[key] ?? value}
                    onChange={({ detail }) => setValue(detail.value)}
                  />
                ),
              },
            }),
          },
          { id: "access", header: "Access", cell: ({ readonly }) => (readonly ? "read-only" : "writable") },
          { id: "updated", header: "Read", cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
        ]}
        submitEdit={({ key, value }, _column, edited) => {
          const text = String(edited);
          const { [key]: _, ...others } = changes;
          setChanges(text === value ? others : { ...others, [key]: text });
        }}
        items={items}
        trackBy="key"
        loading={stored.isPending}
        loadingText="Loading"
        ariaLabels={{
          tableLabel: "Configuration",
          activateEditLabel: (_column, { key }) => `Edit ${key}`,
          cancelEditLabel: () => "Discard",
          submitEditLabel: () => "Keep",
        }}
        header={
          <Header
            counter={`(${keys.length})`}
            description={
              stored.data?.fetchedAt ? (
                <span className="line">
                  As the station reported it: <Time at={stored.data.fetchedAt} />
                </span>
              ) : (
                "The station has not reported its configuration yet."
              )
            }
            actions={
              mayWrite && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button loading={reading.isSending} onClick={() => void read()}>
                    Read from the station
                  </Button>
                  {count > 0 && <Button onClick={() => setChanges({})}>Discard</Button>}
                  <Button
                    variant="primary"
                    disabled={count === 0}
                    loading={applying.isSending}
                    onClick={() => void apply()}
                  >
                    {count === 0 ? "Apply" : `Apply ${counted(count, "change")}`}
                  </Button>
                </SpaceBetween>
              )
            }
          >
            Configuration
          </Header>
        }
        filter={
          <TextFilter
            filteringText={search}
            filteringPlaceholder="Find keys and values"
            filteringAriaLabel="Find keys and values"
            countText={search === "" ? "" : `${items.length} of ${keys.length}`}
            onChange={({ detail }) => setSearch(detail.filteringText)}
          />
        }
        empty={<Box>Nothing is stored. Read the configuration from the station.</Box>}
      />
    </SpaceBetween>
  );
}

const isTaken = (status: string | undefined): boolean =>
  status === undefined || status === "Accepted" || status === "RebootRequired";

function Value({
  value,
  change,
}: {
  readonly value: string | undefined;
  readonly change: string | undefined;
}) {
  if (change === undefined) return <span className="value">{value ?? "–"}</span>;
  return (
    <span className="value">
      <del>{value ?? "–"}</del> <ins>{change}</ins>
    </span>
  );
}

/** The station's answer for each key. */
function Outcome({ applied, onDismiss }: { readonly applied: Applied; readonly onDismiss: () => void }) {
  const results = applied.results ?? [];
  const isDone = results.every(({ status }) => isTaken(status));
  const needsReboot = results.some(({ status }) => status === "RebootRequired");
  return (
    <Alert
      type={isDone ? "success" : "warning"}
      dismissible
      onDismiss={onDismiss}
      header={isDone ? "The station accepted the changes" : "The station did not accept every change"}
    >
      <ul className="results">
        {results.map(({ key, status, error }) => (
          <li key={key}>
            <code>{key}</code> <Status word={status ?? (error ? "Failed" : "Pending")} />
            {error && <> {error.detail ?? error.title}</>}
          </li>
        ))}
      </ul>
      {needsReboot && <div>A value takes effect after a reset.</div>}
      <Link href={`#/commands/${encodeURIComponent(applied.commandId)}`}>The command</Link>
    </Alert>
  );
}
