import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client.ts";
import { useConsole, useMayWrite } from "../context.ts";
import { counted } from "../ui/counted.ts";
import type { FilterProperty } from "../ui/filter.tsx";
import { List } from "../ui/list.tsx";
import { short } from "../ui/short.ts";
import { Connected, Status, versionText } from "../ui/status.tsx";
import { Ago } from "../ui/time.tsx";

type Station = Schemas["Station"];

/** What `GET /stations` finds stations by. */
export const stationProperties: readonly FilterProperty[] = [
  { key: "identity", label: "Identity begins with" },
  { key: "connected", label: "Connected", values: ["true", "false"] },
  { key: "protocol", label: "OCPP version", values: ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"] },
  {
    key: "status",
    label: "Connector status",
    values: ["Available", "Charging", "Occupied", "Faulted", "Unavailable"],
  },
  { key: "vendor", label: "Vendor" },
  { key: "model", label: "Model" },
  { key: "firmwareVersion", label: "Firmware" },
  { key: "lock", label: "Lock", values: ["none", "permanent"] },
  { key: "tag", label: "Tag" },
];

export const Component = () => (
  <List
    title="Stations"
    path="/stations"
    operationId="listStations"
    trackBy={({ cpId }) => cpId}
    columns={columns}
    create={{ text: "Register station", href: "#/stations/new" }}
    actions={(filter) => <Button href={`#/bulk/new?${new URLSearchParams(filter)}`}>Bulk command</Button>}
    filters={stationProperties}
    freeText="identity"
    placeholder="Find stations by identity, status, tag …"
    empty={<EmptyFleet />}
  />
);

const columns = [
  {
    id: "identity",
    header: "Identity",
    cell: ({ cpId, identity, name }: Station) => (
      <>
        <Link href={`#/stations/${cpId}`}>{identity}</Link>
        {name && <Box color="text-body-secondary">{name}</Box>}
      </>
    ),
    isRowHeader: true,
  },
  {
    id: "connected",
    header: "Connection",
    cell: ({ connection }: Station) => <Connected connection={connection} />,
  },
  {
    id: "connectors",
    header: "Connectors",
    cell: (station: Station) => <Connectors station={station} />,
  },
  { id: "faults", header: "Faults", cell: (station: Station) => <Faults station={station} /> },
  {
    id: "lastSeen",
    header: "Last seen",
    cell: ({ connection }: Station) => <Ago at={connection.lastSeenAt} />,
  },
  {
    id: "version",
    header: "OCPP",
    cell: ({ connection, defaultProtocol }: Station) => versionText(connection.protocol ?? defaultProtocol),
  },
  {
    id: "model",
    header: "Model",
    cell: ({ boot }: Station) => <div className="model">{short(modelOf(boot)) || "–"}</div>,
  },
  {
    id: "tags",
    header: "Tags",
    cell: ({ tags }: Station) => (
      <div className="tags">
        {tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </div>
    ),
  },
];

/** Vendor and model, wherever the version's BootNotification has them. */
export function modelOf(boot: Station["boot"]): string {
  const members = (boot ?? {}) as Record<string, unknown>;
  const station = (members.chargingStation ?? members) as Record<string, unknown>;
  const vendor = station.vendorName ?? members.chargePointVendor ?? members.vendor;
  const model = station.model ?? members.chargePointModel ?? members.model;
  return [vendor, model].filter((text) => text !== undefined && text !== null).join(" ");
}

/** `2 Available, 1 Charging`; of an offline station, what it reported last. */
function Connectors({ station: { connectors, connection } }: { readonly station: Station }) {
  if (connectors.length === 0) return <>–</>;
  const counts = Map.groupBy(connectors, ({ status = "unknown" }) => status);
  return (
    <SpaceBetween size="xxs">
      {[...counts].map(([status, some]) => (
        <Status
          key={status}
          word={status}
          text={some.length === 1 ? status : `${some.length} ${status}`}
          isPast={!connection.connected}
        />
      ))}
    </SpaceBetween>
  );
}

function Faults({ station: { connectors, violations, refusals, lock } }: { readonly station: Station }) {
  const faulted = connectors.filter(({ errorCode }) => errorCode !== undefined && errorCode !== "NoError");
  const notes = [
    ...faulted.map(({ evseId, connectorId, errorCode }) => `${evseId}:${connectorId} ${errorCode}`),
    ...(refusals ? [`${counted(refusals.count, "message")} refused`] : []),
  ];
  return (
    <SpaceBetween size="xxs">
      {notes.map((note) => (
        <StatusIndicator key={note} type="error">
          {short(note)}
        </StatusIndicator>
      ))}
      {violations && (
        <StatusIndicator type="warning">{counted(violations.count, "schema violation")}</StatusIndicator>
      )}
      {lock === "permanent" && <StatusIndicator type="stopped">locked</StatusIndicator>}
      {notes.length === 0 && !violations && lock === "none" && <>–</>}
    </SpaceBetween>
  );
}

/** How the first station gets here, with the line to paste. */
function EmptyFleet() {
  const { config, api } = useConsole();
  const mayWrite = useMayWrite();
  const command = [
    `curl -X POST ${api.url}/stations`,
    `-H "Authorization: Bearer $TOKEN"`,
    `-H "Content-Type: application/json"`,
    `-d '{"identity": "CP001"}'`,
  ].join(" \\\n  ");
  return (
    <Box textAlign="left" padding="m">
      <SpaceBetween size="m">
        <Box variant="h2">No station is registered yet</Box>
        <div>
          Register a station by its OCPP identity. The answer has its password, once. Then enter the address
          of the station endpoint, <code>{config.stationUrl ?? "wss://…/ocpp"}</code>, and the password in the
          station.
        </div>
        {mayWrite && (
          <Button variant="primary" href="#/stations/new">
            Register the first station
          </Button>
        )}
        <div>Or by the API:</div>
        <pre className="paste">{command}</pre>
        <CopyToClipboard
          copyButtonText="Copy the command"
          copySuccessText="Copied"
          copyErrorText="Not copied"
          textToCopy={command}
        />
      </SpaceBetween>
    </Box>
  );
}
