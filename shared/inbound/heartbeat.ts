import type { CallFrame } from "../ocpp/frame.ts";
import { maskSecrets } from "../ocpp/secrets.ts";
import type { HeartbeatItem } from "../store/items.ts";
import { heartbeatKey } from "../store/keys.ts";
import { type PayloadText, payloadText } from "../store/payload.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { expiresAfter } from "../time.ts";
import type { Logging, Sender } from "./log-entry.ts";

/**
 * Counts a Heartbeat and keeps it in the place of the one before: one request, one write unit, no log entry. The
 * write is refused for a Heartbeat that was just answered, which counts once.
 *
 * @returns what the station is answered: the response, or that of the same Heartbeat before
 */
export async function keepHeartbeat(
  { table, now, logDays }: Logging & { readonly table: Table },
  { cpId, networkId, protocol, connectionId }: Sender,
  { messageId, action, payload }: CallFrame,
  response: PayloadText,
): Promise<PayloadText> {
  const kept = {
    networkId,
    protocol,
    connectionId,
    ocppMessageId: messageId,
    request: payloadText(maskSecrets(action, payload)),
    response,
    atMs: now,
    expiresAt: expiresAfter(now, logDays),
  } satisfies Partial<HeartbeatItem>;
  const names = Object.keys(kept);
  const { applied, item: before } = await tryWrite<HeartbeatItem>(
    table.update({
      key: heartbeatKey(cpId),
      update: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}, sinceMs = if_not_exists(sinceMs, :atMs) ADD #count :one REMOVE violations`,
      condition:
        "attribute_not_exists(pk) OR #ocppMessageId <> :ocppMessageId OR #connectionId <> :connectionId OR #request <> :request",
      names: { ...Object.fromEntries(names.map((name) => [`#${name}`, name])), "#count": "count" },
      values: {
        ...Object.fromEntries(Object.entries(kept).map(([name, value]) => [`:${name}`, value])),
        ":one": 1,
      },
    }),
  );
  return applied || !before ? response : before.response;
}
