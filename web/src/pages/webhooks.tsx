import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client.ts";
import { List } from "../ui/list.tsx";

/** The webhooks of a network. */
export const Component = () => (
  <List
    title="Webhooks"
    description="Events of the network, sent to addresses of yours."
    path="/webhooks"
    operationId="listWebhooks"
    trackBy={({ webhookId }) => webhookId}
    columns={[
      {
        id: "webhook",
        header: "Webhook",
        cell: ({ webhookId }) => (
          <Link href={`#/webhooks/${encodeURIComponent(webhookId)}`}>{webhookId}</Link>
        ),
        isRowHeader: true,
      },
      { id: "url", header: "Address", cell: ({ url }) => <span className="value">{url}</span> },
      { id: "events", header: "Events", cell: ({ events }) => events.join(", ") },
      { id: "state", header: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
    ]}
    create={{ text: "Create webhook", href: "#/webhooks/new" }}
    empty="There is no webhook yet."
  />
);

export function WebhookState({ webhook }: { readonly webhook: Schemas["Webhook"] }) {
  const { enabled, disabled, failingSince } = webhook;
  if (disabled) return <StatusIndicator type="error">{`switched off: ${disabled.reason}`}</StatusIndicator>;
  if (!enabled) return <StatusIndicator type="stopped">off</StatusIndicator>;
  return failingSince ? (
    <StatusIndicator type="warning">failing</StatusIndicator>
  ) : (
    <StatusIndicator type="success">on</StatusIndicator>
  );
}
