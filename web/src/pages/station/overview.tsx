import Badge from "@cloudscape-design/components/badge";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { Json } from "../../ui/json.tsx";
import { Status, versionText } from "../../ui/status.tsx";
import { Time } from "../../ui/time.tsx";
import type { StationTab } from "../station.tsx";
import { modelOf } from "../stations.tsx";
import { RunningCharges } from "./charges.tsx";

/** What the station is, its connectors, and what charges there now. */
export default function Overview({ station }: StationTab) {
  const { cpId, connectors } = station;
  return (
    <SpaceBetween size="l">
      <Table
        columnDefinitions={[
          { id: "evse", header: "EVSE", cell: ({ evseId }) => evseId, isRowHeader: true },
          { id: "connector", header: "Connector", cell: ({ connectorId }) => connectorId },
          { id: "status", header: "Status", cell: ({ status }) => <Status word={status} /> },
          {
            id: "error",
            header: "Error",
            cell: ({ errorCode }) => (errorCode === undefined || errorCode === "NoError" ? "–" : errorCode),
          },
          {
            id: "lock",
            header: "Remote starts",
            cell: ({ lock }) => (lock === "permanent" ? "locked" : "allowed"),
          },
          { id: "uuid", header: "UUID", cell: ({ connectorUuid }) => <code>{connectorUuid}</code> },
        ]}
        items={connectors}
        trackBy="connectorUuid"
        ariaLabels={{ tableLabel: "Connectors" }}
        header={<Header counter={`(${connectors.length})`}>Connectors</Header>}
        empty="The station has reported no connector yet."
      />
      <RunningCharges cpId={cpId} />
      <Facts station={station} />
      {station.boot && (
        <Container header={<Header>Last BootNotification</Header>}>
          <Json label="Last BootNotification" value={station.boot} searchable />
        </Container>
      )}
    </SpaceBetween>
  );
}

function Facts({ station }: StationTab) {
  const { connection, violations, refusals, rateDisplay, location } = station;
  return (
    <Container header={<Header>Station</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "cpId", value: <code>{station.cpId}</code> },
          { label: "Network", value: station.networkId },
          { label: "Model", value: modelOf(station.boot) || "–" },
          { label: "OCPP version", value: versionText(connection.protocol) },
          { label: "Authentication", value: station.auth.type },
          { label: "Link", value: station.link },
          { label: "Connected since", value: <Time at={connection.connectedAt} /> },
          { label: "Last seen", value: <Time at={connection.lastSeenAt} /> },
          { label: "Rate", value: rateText(station.rateId, rateDisplay) },
          {
            label: "Tags",
            value: (
              <SpaceBetween direction="horizontal" size="xxs">
                {station.tags.length === 0 ? "–" : station.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}
              </SpaceBetween>
            ),
          },
          {
            label: "Location",
            value: location
              ? [location.address, `${location.latitude}, ${location.longitude}`].filter(Boolean).join(" · ")
              : "–",
          },
          {
            label: "Schema violations",
            value: violations ? (
              <Link href={`#/stations/${station.cpId}/log?violations=true`}>
                {`${violations.count}, last in ${violations.lastAction}`}
              </Link>
            ) : (
              "none"
            ),
          },
          ...(refusals
            ? [
                {
                  label: "Refused messages",
                  value: `${refusals.count}, last ${refusals.lastAction} (${refusals.lastErrorCode})`,
                },
              ]
            : []),
        ]}
      />
    </Container>
  );
}

const rateText = (rateId: string | undefined, display: StationTab["station"]["rateDisplay"]): string =>
  rateId === undefined ? "–" : display ? `${rateId} (${display.state})` : `${rateId} (not shown yet)`;
