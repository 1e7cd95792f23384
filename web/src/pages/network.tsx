import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { Schemas } from "../api/client.ts";
import { mergePatch } from "../form/merge-patch.ts";
import { OperationForm } from "../form/operation-form.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Done } from "../ui/done.tsx";
import { LimitInUse } from "../ui/limit-in-use.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { membersOf, ResourceEditor } from "../ui/resource-editor.tsx";
import { useResource } from "../ui/use-resource.ts";

const EDITABLE = [
  "name",
  "parallelRequests",
  "clients",
  "allowUnauthenticatedStations",
  "authorization",
  "stationMessages",
  "openToUnlistedClients",
  "publish",
  "heartbeatIntervalSeconds",
];

/** A network: its limit, its members, its settings. */
export function Component() {
  const { networkId } = useParams();
  const navigate = useNavigate();
  if (networkId === undefined)
    return (
      <Container header={<PageHeader>Create a network</PageHeader>}>
        <ResourceEditor
          operationId="putNetwork"
          parameter="networkId"
          label="Network ID"
          id={undefined}
          fixed={{ networkId: undefined, inUse: undefined }}
          back="#/networks"
          onDone={({ body }) => navigate(`/networks/${(body as Schemas["Network"]).networkId}`)}
        />
      </Container>
    );
  return <Existing networkId={networkId} />;
}

function Existing({ networkId }: { readonly networkId: string }) {
  const navigate = useNavigate();
  const [isSaved, setSaved] = useState(false);
  const path = `/networks/${encodeURIComponent(networkId)}`;
  const { data, error } = useResource<Schemas["Network"]>(path, 2_000);
  if (error) return <ProblemAlert error={error} operationId="getNetwork" />;
  if (data === undefined) return <Spinner size="large" />;
  return (
    <SpaceBetween size="l">
      <Container header={<PageHeader>{`Network ${networkId}`}</PageHeader>}>
        <LimitInUse network={data.resource} />
      </Container>
      <Container header={<Header>Settings</Header>}>
        <SpaceBetween size="m">
          {isSaved && <Done text="The network is saved." onDismiss={() => setSaved(false)} />}
          <Settings network={data.resource} onSaved={() => setSaved(true)} />
        </SpaceBetween>
      </Container>
      <Container header={<Header>Delete the network</Header>}>
        <SpaceBetween size="m">
          <div>A network without stations can be deleted, with its rates and tokens.</div>
          <Confirm
            text="Delete"
            question={`Delete the network ${networkId}?`}
            operationId="deleteNetwork"
            path={{ networkId }}
            onDone={() => navigate("/networks")}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

interface SettingsProps {
  readonly network: Schemas["Network"];
  readonly onSaved: () => void;
}

/** The form keeps what it began with, while the limit in use is read again above it. */
function Settings({ network, onSaved }: SettingsProps) {
  const [before] = useState(() => membersOf(network, EDITABLE));
  return (
    <OperationForm
      operationId="patchNetwork"
      path={{ networkId: network.networkId }}
      initial={before}
      fixed={{ addClients: undefined, removeClients: undefined }}
      toBody={(body) => mergePatch(before, body)}
      submitText="Save"
      described={false}
      onDone={onSaved}
    />
  );
}
