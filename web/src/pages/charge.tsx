import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { dataOf } from "../api/client.ts";
import { useApi, useMayWrite } from "../context.ts";
import { ChargeState, energyOf } from "../ui/charge-columns.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ConnectorName } from "../ui/connector.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Time } from "../ui/time.tsx";

const POLL_MS = 5_000;

/** One charge. */
export function Component() {
  const { id = "" } = useParams();
  const api = useApi();
  const mayWrite = useMayWrite();
  const navigate = useNavigate();
  const { data: charge, error } = useQuery({
    queryKey: ["charge", id],
    queryFn: () => dataOf(api.client.GET("/transactions/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.stoppedAt === undefined ? POLL_MS : false),
  });
  if (error) return <ProblemAlert error={error} operationId="getTransaction" />;
  if (charge === undefined) return <Spinner size="large" />;
  const { cpId, transactionId, stoppedAt, reason, reasonText, remoteStartAttemptId } = charge;
  const wattHours = (value: number | undefined) =>
    value === undefined ? "–" : `${value.toLocaleString()} Wh`;
  return (
    <Container
      header={
        <PageHeader
          actions={
            mayWrite &&
            stoppedAt === undefined && (
              <Confirm
                text="Stop charging"
                question="Stop the charge?"
                operationId="remoteStop"
                path={{}}
                body={{ cpId, transactionId }}
                onDone={({ body }) => {
                  const { referenceId } = body as { referenceId: string };
                  navigate(`/commands/${encodeURIComponent(referenceId)}`);
                }}
              />
            )
          }
        >
          {`Charge ${transactionId}`}
        </PageHeader>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <ChargeState charge={charge} /> },
          { label: "Station", value: <StationLink cpId={cpId} /> },
          {
            label: "Connector",
            value: <ConnectorName cpId={cpId} uuid={charge.connectorUuid} none="–" />,
          },
          { label: "Token", value: charge.idTag ?? "–" },
          { label: "Started", value: <Time at={charge.startedAt} /> },
          { label: "Ended", value: <Time at={stoppedAt} /> },
          { label: "Energy", value: energyOf(charge) },
          { label: "Reason of the end", value: [reason, reasonText].filter(Boolean).join(": ") || "–" },
          { label: "Meter at the start", value: wattHours(charge.meterStart) },
          { label: "Meter at the end", value: wattHours(charge.meterStop) },
          {
            label: "Remote start",
            value: remoteStartAttemptId ? (
              <Link href={`#/attempts/${remoteStartAttemptId}`}>The attempt</Link>
            ) : (
              "–"
            ),
          },
          { label: "ID", value: <code>{charge.id}</code> },
        ]}
      />
    </Container>
  );
}
