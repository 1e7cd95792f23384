import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Schemas } from "../api/client.ts";
import { short } from "./short.ts";
import { StationLink } from "./station-link.tsx";
import { Time } from "./time.tsx";

type Charge = Schemas["Transaction"];

export const energyOf = ({ meterStart, meterStop }: Charge): string =>
  meterStart === undefined || meterStop === undefined
    ? "–"
    : `${((meterStop - meterStart) / 1000).toLocaleString(undefined, { maximumFractionDigits: 2 })} kWh`;

export function ChargeState({ charge: { stoppedAt, reason } }: { readonly charge: Charge }) {
  if (stoppedAt === undefined) return <StatusIndicator type="in-progress">running</StatusIndicator>;
  return (
    <StatusIndicator type={reason === "NotReported" ? "warning" : "stopped"}>
      {reason ?? "ended"}
    </StatusIndicator>
  );
}

export const chargeColumns: readonly TableProps.ColumnDefinition<Charge>[] = [
  {
    id: "id",
    header: "Transaction",
    cell: ({ id, transactionId }) => (
      <Link href={`#/charges/${encodeURIComponent(id)}`}>{short(transactionId)}</Link>
    ),
    isRowHeader: true,
  },
  { id: "station", header: "Station", cell: ({ cpId }) => <StationLink cpId={cpId} /> },
  { id: "state", header: "State", cell: (charge) => <ChargeState charge={charge} /> },
  { id: "idTag", header: "Token", cell: ({ idTag = "–" }) => short(idTag) },
  { id: "start", header: "Started", cell: ({ startedAt }) => <Time at={startedAt} /> },
  { id: "end", header: "Ended", cell: ({ stoppedAt }) => <Time at={stoppedAt} /> },
  { id: "energy", header: "Energy", cell: energyOf },
];
