import type { BulkMessage } from "../../shared/bulk/messages.ts";
import { runBulkMessage } from "../../shared/bulk/run.ts";
import { bulkQueue } from "../bulk-queue.ts";
import { commandDeps } from "../command-deps.ts";
import { queued } from "../queued.ts";

const deps = { ...commandDeps(), queue: bulkQueue };

/** What must be left for another station: its 25 s, and the writes around them. */
const ONE_STATION_MS = 30_000;

/** Takes the turns of the workers of bulk commands. */
export const handler = queued<BulkMessage>(ONE_STATION_MS, (message, mayGoOn) =>
  runBulkMessage(deps, message, mayGoOn),
);
