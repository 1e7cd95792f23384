import type { BulkQueue } from "../shared/bulk/messages.ts";
import { environment } from "./environment.ts";
import { sendMessages } from "./send-messages.ts";

/** The queue of bulk commands. */
export const bulkQueue: BulkQueue = {
  send: (messages, delaySeconds = 0) => sendMessages(environment("BULK_QUEUE_URL"), messages, delaySeconds),
};
