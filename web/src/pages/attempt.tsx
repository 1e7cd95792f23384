import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Steps, { type StepsProps } from "@cloudscape-design/components/steps";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite } from "../context.ts";
import { Confirm } from "../ui/confirm.tsx";
import { ConnectorName } from "../ui/connector.tsx";
import { Json } from "../ui/json.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert, StoredProblem } from "../ui/problem.tsx";
import { RequestedBy } from "../ui/requested-by.tsx";
import { StationLink } from "../ui/station-link.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/time.tsx";

type Attempt = Schemas["RemoteStartAttempt"];

const POLL_MS = 2_000;
const ENDED: ReadonlySet<string> = new Set(["rejected", "stopped", "expired", "cancelled", "failed"]);
const BAD: ReadonlySet<string> = new Set(["rejected", "failed"]);

/** A remote start attempt as a time line. */
export function Component() {
  const { attemptId = "" } = useParams();
  const api = useApi();
  const mayWrite = useMayWrite();
  const { data: attempt, error } = useQuery({
    queryKey: ["attempt", attemptId],
    queryFn: () =>
      dataOf(
        api.client.GET("/remote_commands/asynchronous/remote_start_attempt/{attemptId}", {
          params: { path: { attemptId } },
        }),
      ),
    refetchInterval: ({ state }) => (ENDED.has(state.data?.state ?? "") ? false : POLL_MS),
  });
  if (error) return <ProblemAlert error={error} operationId="getRemoteStartAttempt" />;
  if (attempt === undefined) return <Spinner size="large" />;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <PageHeader actions={mayWrite && <Actions attempt={attempt} />}>
            {`Remote start of ${attempt.idTag}`}
          </PageHeader>
        }
      >
        <KeyValuePairs
          columns={4}
          items={[
            { label: "State", value: <Status word={attempt.state} /> },
            { label: "Station", value: <StationLink cpId={attempt.cpId} /> },
            {
              label: "Connector",
              value: <ConnectorName cpId={attempt.cpId} uuid={attempt.connectorUuid} none="any" />,
            },
            { label: "The station's answer", value: attempt.stationStatus ?? "–" },
            { label: "Valid until", value: <Time at={attempt.validUntil} /> },
            {
              label: "Stops after",
              value: attempt.stopMinutes === undefined ? "–" : `${attempt.stopMinutes} minutes`,
            },
            { label: "Stop due", value: <Time at={attempt.stopDueAt} /> },
            { label: "Requested by", value: <RequestedBy by={attempt.requestedBy} /> },
            {
              label: "Start command",
              value: <Link href={`#/commands/${encodeURIComponent(attempt.id)}`}>{attempt.id}</Link>,
            },
            { label: "Transaction at the station", value: attempt.transactionId ?? "–" },
          ]}
        />
      </Container>
      {attempt.problem && <StoredProblem problem={attempt.problem} />}
      <Container header={<Header>Time line</Header>}>
        <Steps ariaLabel="States of the attempt" steps={timeLine(attempt)} />
      </Container>
      {attempt.chargingProfile && (
        <Container header={<Header>Charging profile</Header>}>
          <Json label="Charging profile" value={attempt.chargingProfile} />
        </Container>
      )}
    </SpaceBetween>
  );
}

/** The states that were reached. The last one is in progress until the attempt has ended. */
function timeLine({ history, state }: Attempt): StepsProps.Step[] {
  const reached = history.map(({ state, at }, place): StepsProps.Step => {
    const isLast = place === history.length - 1;
    const status = BAD.has(state) ? "error" : isLast && !ENDED.has(state) ? "in-progress" : "success";
    return { status, header: state, details: <Time at={at} /> };
  });
  // A state that is computed at the time of reading: an attempt past its validity.
  return history.at(-1)?.state === state ? reached : [...reached, { status: "stopped", header: state }];
}

function Actions({ attempt: { id, state } }: { readonly attempt: Attempt }) {
  if (state === "pending")
    return (
      <Confirm
        text="Cancel the attempt"
        question="Cancel the attempt?"
        details="The start was not sent yet, and will not be."
        operationId="cancelRemoteStartAttempt"
        path={{ attemptId: id }}
      />
    );
  if (state === "started")
    return (
      <Confirm
        text="Stop charging"
        question="Stop the charge?"
        operationId="remoteStop"
        path={{}}
        body={{ remoteStartAttemptId: id }}
      />
    );
  return null;
}
