import type { SQSClient as Client } from "@aws-sdk/client-sqs";
import type { BulkMessage, BulkQueue } from "../shared/bulk/messages.ts";
import { environment } from "./environment.ts";

let client: Client | undefined;

/** One SendMessageBatch. */
const AT_ONCE = 10;

/** The queue of bulk commands. The SDK's client is loaded by the few events that need it, not by every cold start. */
export const bulkQueue: BulkQueue = {
  async send(messages: readonly BulkMessage[], delaySeconds = 0) {
    const [{ SendMessageBatchCommand, SQSClient }, { clientSettings }] = await Promise.all([
      import("@aws-sdk/client-sqs"),
      import("../shared/http-client.ts"),
    ]);
    client ??= new SQSClient(clientSettings());
    for (let first = 0; first < messages.length; first += AT_ONCE) {
      const batch = messages.slice(first, first + AT_ONCE);
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: environment("BULK_QUEUE_URL"),
          Entries: batch.map((message, place) => ({
            Id: String(place),
            MessageBody: JSON.stringify(message),
            DelaySeconds: delaySeconds,
          })),
        }),
      );
      if (Failed.length > 0)
        throw new Error(`SQS did not take ${Failed.length} messages: ${Failed[0]?.Code}`);
    }
  },
};
