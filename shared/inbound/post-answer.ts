import type { Connections } from "../calls/post.ts";
import type { Clock } from "../clock.ts";
import { logger } from "../logger.ts";

/** Pauses of 100 to 1,600 ms: 3.1 s in all, within the 10 s of the message function. */
const MAX_RETRIES = 5;

/**
 * Sends the answer to a station's CALL on its connection. Repeats it only while API Gateway throttles: after an
 * ambiguous post the station may have the answer, and a station that has none sends its CALL again.
 */
export async function postAnswer(
  { connections, clock }: { readonly connections: Connections; readonly clock: Pick<Clock, "sleep"> },
  connectionId: string,
  frame: string,
): Promise<void> {
  let outcome = await connections.post(connectionId, frame);
  for (let retry = 1; outcome === "throttled" && retry <= MAX_RETRIES; retry++) {
    await clock.sleep(50 * 2 ** retry);
    outcome = await connections.post(connectionId, frame);
  }
  if (outcome !== "sent") logger.warn("an answer was not delivered", { outcome });
}
