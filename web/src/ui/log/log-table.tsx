import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { dataOf } from "../../api/client.ts";
import { useConsole, useNetwork } from "../../context.ts";
import { counted } from "../counted.ts";
import { Filter, type FilterProperty, useFilter } from "../filter.tsx";
import { PageHeader } from "../page-header.tsx";
import type { Page, PageRequest } from "../pages.ts";
import { fillPage } from "../pages.ts";
import { ProblemAlert } from "../problem.tsx";
import { short } from "../short.ts";
import { StationLink } from "../station-link.tsx";
import { Status } from "../status.tsx";
import { Duration, Time } from "../time.tsx";
import { downloadLines } from "./download.ts";
import type { Entry } from "./merge.ts";
import { useLog } from "./use-log.ts";

const ofLog: readonly FilterProperty[] = [
  {
    key: "action",
    label: "Action",
    values: [
      "BootNotification",
      "StatusNotification",
      "Heartbeat",
      "MeterValues",
      "TransactionEvent",
      "StartTransaction",
      "StopTransaction",
      "Authorize",
      "DataTransfer",
    ],
  },
  { key: "direction", label: "Direction", values: ["toStation", "fromStation"] },
  { key: "violations", label: "Violations", values: ["true"] },
  { key: "commandId", label: "Command ID" },
  { key: "from", label: "Not older than", isTime: true },
  { key: "to", label: "Not newer than", isTime: true },
];

const ofAllStations: readonly FilterProperty[] = [...ofLog, { key: "cpId", label: "Station" }];

interface Props {
  /** The station whose log it is. Absent: of all stations. */
  readonly cpId?: string;
  readonly variant?: TableProps.Variant;
}

/** The communication log of a station, or of all. */
export function LogTable({ cpId, variant = "container" }: Props) {
  const { api } = useConsole();
  const network = useNetwork();
  const properties = cpId === undefined ? ofAllStations : ofLog;
  const filter = useFilter(properties);
  const [isPaused, setPaused] = useState(false);
  const fetchPage = (page: PageRequest): Promise<Page<Entry>> => {
    const query = { ...network, ...(filter.query as object), ...page };
    return cpId === undefined
      ? dataOf(api.client.GET("/communication_log", { params: { query } }))
      : dataOf(api.client.GET("/stations/{cpId}/communication_log", { params: { path: { cpId }, query } }));
  };
  const log = useLog(["log", cpId, network, filter.query], fetchPage, isPaused);
  const [isDownloading, setDownloading] = useState(false);
  const download = async () => {
    setDownloading(true);
    try {
      await downloadLines((cursor) => fillPage(fetchPage, cursor, 500), cpId ?? "all-stations");
    } finally {
      setDownloading(false);
    }
  };
  const Heading = cpId === undefined ? PageHeader : Header;
  const columns = cpId === undefined ? [time, station, ...exchange] : [time, ...exchange];
  return (
    <SpaceBetween size="m">
      <ProblemAlert
        error={log.error}
        operationId={cpId === undefined ? "searchCommunicationLog" : "listCommunicationLog"}
      />
      {log.held.length > 0 && (
        <div className="held">
          <Button iconName="angle-up" variant="primary" onClick={() => showHeld(log.showHeld)}>
            {counted(log.held.length, "new exchange")}
          </Button>
        </div>
      )}
      <Table<Entry>
        variant={variant}
        columnDefinitions={columns}
        items={log.shown}
        trackBy="entryId"
        loading={log.isLoading}
        loadingText="Loading the log"
        ariaLabels={{ tableLabel: "Communication log" }}
        header={
          <Heading
            description="Newest first. Passwords and keys read ***."
            actions={
              <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                <Toggle checked={!isPaused} onChange={({ detail }) => setPaused(!detail.checked)}>
                  Follow live
                </Toggle>
                <Button iconName="download" loading={isDownloading} onClick={() => void download()}>
                  JSON Lines
                </Button>
              </SpaceBetween>
            }
          >
            Communication log
          </Heading>
        }
        filter={
          <Filter
            properties={properties}
            freeText="action"
            placeholder="Find exchanges by action, direction, time …"
            values={filter.values}
            onChange={filter.set}
          />
        }
        empty={
          <Box>
            {Object.keys(filter.values).length > 0 ? "No exchange matches." : "Nothing was exchanged yet."}
          </Box>
        }
        footer={
          log.older !== undefined && (
            <Box textAlign="center">
              <Button loading={log.isLoadingOlder} onClick={() => void log.loadOlder()}>
                Older exchanges
              </Button>
            </Box>
          )
        }
      />
    </SpaceBetween>
  );
}

function showHeld(show: () => void) {
  show();
  window.scrollTo({ top: 0 });
}

const time: TableProps.ColumnDefinition<Entry> = {
  id: "at",
  header: "Time",
  cell: ({ at }) => <Time at={at} />,
};

const station: TableProps.ColumnDefinition<Entry> = {
  id: "station",
  header: "Station",
  cell: ({ cpId }) => <StationLink cpId={cpId} />,
};

const exchange: readonly TableProps.ColumnDefinition<Entry>[] = [
  {
    id: "action",
    header: "Exchange",
    cell: ({ cpId, entryId, action }) => (
      <Link href={`#/stations/${cpId}/exchange/${encodeURIComponent(entryId)}`}>{action}</Link>
    ),
    isRowHeader: true,
  },
  { id: "direction", header: "Direction", cell: ({ direction }) => <Direction direction={direction} /> },
  { id: "answer", header: "Answer", cell: (entry) => <AnswerOf entry={entry} /> },
  { id: "duration", header: "Duration", cell: ({ durationMs }) => <Duration ms={durationMs} /> },
  {
    id: "violations",
    header: "Violations",
    cell: ({ violations = [] }) =>
      violations.length === 0 ? "–" : <StatusIndicator type="warning">{violations.length}</StatusIndicator>,
  },
];

export const Direction = ({ direction }: Pick<Entry, "direction">) => (
  <>{direction === "toStation" ? "→ to the station" : "← from the station"}</>
);

export function AnswerOf({ entry: { response, messageType } }: { readonly entry: Entry }) {
  if (messageType === undefined) return <StatusIndicator type="pending">none yet</StatusIndicator>;
  const members = (typeof response === "object" && response !== null ? response : {}) as Record<
    string,
    unknown
  >;
  if (messageType === "CALL_ERROR")
    return <StatusIndicator type="error">{short(String(members.errorCode ?? "CALLERROR"))}</StatusIndicator>;
  return typeof members.status === "string" ? (
    <Status word={members.status} />
  ) : (
    <StatusIndicator type="success">answered</StatusIndicator>
  );
}
