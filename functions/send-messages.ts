import type { SQSClient as Client } from "@aws-sdk/client-sqs";

let client: Client | undefined;

/** One SendMessageBatch. */
const AT_ONCE = 10;

/**
 * Sends messages to a queue. The SDK's client is loaded by the few events that need it, not by every cold start.
 *
 * @param delaySeconds at most 900
 */
export async function sendMessages(
  QueueUrl: string,
  messages: readonly object[],
  delaySeconds: number,
): Promise<void> {
  if (messages.length === 0) return;
  const [{ SendMessageBatchCommand, SQSClient }, { clientSettings }] = await Promise.all([
    import("@aws-sdk/client-sqs"),
    import("../shared/http-client.ts"),
  ]);
  client ??= new SQSClient(clientSettings());
  for (let first = 0; first < messages.length; first += AT_ONCE) {
    const batch = messages.slice(first, first + AT_ONCE);
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: batch.map((message, place) => ({
          Id: String(place),
          MessageBody: JSON.stringify(message),
          DelaySeconds: delaySeconds,
        })),
      }),
    );
    if (Failed.length > 0) throw new Error(`SQS did not take ${Failed.length} messages: ${Failed[0]?.Code}`);
  }
}
