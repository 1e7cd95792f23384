import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { Schemas } from "../api/client.ts";
import { useMayWrite } from "../context.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Done } from "../ui/done.tsx";
import type { FilterProperty } from "../ui/filter.tsx";
import { Json } from "../ui/json.tsx";
import { List } from "../ui/list.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { membersOf, ResourceEditor } from "../ui/resource-editor.tsx";
import { Status } from "../ui/status.tsx";
import { Duration, Time } from "../ui/time.tsx";
import { useResource } from "../ui/use-resource.ts";
import { WebhookState } from "./webhooks.tsx";

type Webhook = Schemas["Webhook"];
type Delivery = Schemas["Delivery"];

/** A webhook with its deliveries. */
export function Component() {
  const { webhookId } = useParams();
  const navigate = useNavigate();
  const [created, setCreated] = useState<Webhook>();
  if (webhookId !== undefined) return <Existing webhookId={webhookId} />;
  if (created?.secret !== undefined)
    return (
      <Container header={<PageHeader>{`Webhook ${created.webhookId}`}</PageHeader>}>
        <Alert
          type="warning"
          header="The secret is shown only now"
          onDismiss={() => navigate(`/webhooks/${encodeURIComponent(created.webhookId)}`)}
          dismissible
        >
          <code>{created.secret}</code>
        </Alert>
      </Container>
    );
  return (
    <Container header={<PageHeader>Create a webhook</PageHeader>}>
      <ResourceEditor
        operationId="putWebhook"
        parameter="webhookId"
        label="Webhook ID"
        id={undefined}
        back="#/webhooks"
        onDone={({ body }) => {
          const webhook = body as Webhook;
          if (webhook.secret !== undefined) setCreated(webhook);
          else navigate(`/webhooks/${encodeURIComponent(webhook.webhookId)}`);
        }}
      />
    </Container>
  );
}

function Existing({ webhookId }: { readonly webhookId: string }) {
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const [isSaved, setSaved] = useState(false);
  const { data, error } = useResource<Webhook>(`/webhooks/${encodeURIComponent(webhookId)}`);
  if (error) return <ProblemAlert error={error} operationId="getWebhook" />;
  if (data === undefined) return <Spinner size="large" />;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <PageHeader
            description={<WebhookState webhook={data.resource} />}
            actions={
              mayWrite && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Confirm
                    text="Send a test event"
                    question="Send a test event?"
                    details={data.resource.url}
                    operationId="testWebhook"
                    path={{ webhookId }}
                  />
                  <Confirm
                    text="Delete"
                    question={`Delete the webhook ${webhookId}?`}
                    details="No further attempt is made."
                    operationId="deleteWebhook"
                    path={{ webhookId }}
                    onDone={() => navigate("/webhooks")}
                  />
                </SpaceBetween>
              )
            }
          >
            {`Webhook ${webhookId}`}
          </PageHeader>
        }
      >
        <SpaceBetween size="m">
          {isSaved && <Done text="The webhook is saved." onDismiss={() => setSaved(false)} />}
          {mayWrite ? (
            <ResourceEditor
              operationId="putWebhook"
              parameter="webhookId"
              label="Webhook ID"
              id={webhookId}
              initial={membersOf(data.resource, ["url", "events", "enabled"])}
              {...(data.etag !== undefined && { etag: data.etag })}
              back="#/webhooks"
              onDone={() => setSaved(true)}
            />
          ) : (
            <Json label={`Webhook ${webhookId}`} value={data.resource} />
          )}
        </SpaceBetween>
      </Container>
      <Deliveries webhookId={webhookId} />
    </SpaceBetween>
  );
}

const filters: readonly FilterProperty[] = [
  { key: "state", label: "State", values: ["pending", "delivered", "failed"] },
];

function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const mayWrite = useMayWrite();
  return (
    <List
      title="Deliveries"
      isPart
      path="/webhooks/{webhookId}/deliveries"
      parameters={{ webhookId }}
      operationId="listDeliveries"
      trackBy={({ deliveryId }) => deliveryId}
      columns={[
        { id: "type", header: "Event", cell: ({ type }) => type, isRowHeader: true },
        { id: "state", header: "State", cell: ({ state }) => <Status word={state} /> },
        { id: "attempts", header: "Attempts", cell: (delivery) => <Attempts delivery={delivery} /> },
        { id: "next", header: "Next attempt", cell: ({ nextAttemptAt }) => <Time at={nextAttemptAt} /> },
        { id: "id", header: "Delivery", cell: ({ deliveryId }) => <code>{deliveryId}</code> },
        ...(mayWrite
          ? [
              {
                id: "again",
                header: "Actions",
                cell: ({ deliveryId, type }: Delivery) => (
                  <Confirm
                    text="Send again"
                    ariaLabel={`Send again: ${type} ${deliveryId}`}
                    variant="inline-link"
                    question="Send this delivery again?"
                    operationId="redeliver"
                    path={{ webhookId, deliveryId }}
                  />
                ),
              },
            ]
          : []),
      ]}
      filters={filters}
      placeholder="Find deliveries by state"
      empty="Nothing was delivered yet."
    />
  );
}

function Attempts({ delivery: { attempts } }: { readonly delivery: Delivery }) {
  if (attempts.length === 0) return <>–</>;
  return (
    <ol className="attempts">
      {attempts.map(({ at, status, error, durationMs }) => (
        <li key={at}>
          <Time at={at} /> {status ?? error ?? "no answer"}, <Duration ms={durationMs} />
        </li>
      ))}
    </ol>
  );
}
