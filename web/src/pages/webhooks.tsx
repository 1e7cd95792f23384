import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";

type Webhook = Schemas["Webhook"];

/** The webhooks of a network. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const pages = usePages(["webhooks", network], (page: PageRequest) =>
    dataOf(api.client.GET("/webhooks", { params: { query: { ...network, ...page } } })),
  );
  return (
    <ListTable<Webhook>
      title="Webhooks"
      description="Events of the network, sent to addresses of yours."
      operationId="listWebhooks"
      pages={pages}
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
        { id: "url", header: "Address", cell: ({ url }) => url },
        { id: "events", header: "Events", cell: ({ events }) => events.join(", ") },
        { id: "state", header: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
      ]}
      actions={
        mayWrite && (
          <Button variant="primary" href="#/webhooks/new">
            Create webhook
          </Button>
        )
      }
      empty={<Box>There is no webhook yet.</Box>}
    />
  );
}

export function WebhookState({ webhook }: { readonly webhook: Webhook }) {
  const { enabled, disabled, failingSince } = webhook;
  if (disabled) return <StatusIndicator type="error">{`switched off: ${disabled.reason}`}</StatusIndicator>;
  if (!enabled) return <StatusIndicator type="stopped">off</StatusIndicator>;
  return failingSince ? (
    <StatusIndicator type="warning">failing</StatusIndicator>
  ) : (
    <StatusIndicator type="success">on</StatusIndicator>
  );
}
