import { cpIdOf } from "../../shared/ids.ts";
import { entryIdOfOutgoing } from "../../shared/log/entry-id.ts";
import type { OutgoingItem } from "../../shared/store/items.ts";
import { type Key, type ListKey, logListKey, outgoingKey } from "../../shared/store/keys.ts";
import { payloadText } from "../../shared/store/payload.ts";

/** The moment at which exchanges are requested and sent. */
export const NOW = Date.UTC(2026, 5, 1, 12);

/** A Reset that was sent and has 25 s for its answer. */
export function exchange(about: Partial<OutgoingItem>): OutgoingItem & Key & ListKey {
  const { ocppMessageId = "m1", networkId = "default", cpId = cpIdOf(networkId, "CP1") } = about;
  const entryId = entryIdOfOutgoing(ocppMessageId);
  return {
    ...outgoingKey(ocppMessageId, cpId),
    ...logListKey(cpId, NOW, entryId),
    cpId,
    networkId,
    entryId,
    ocppMessageId,
    commandId: "m1",
    command: "reset",
    direction: "toStation",
    action: "Reset",
    request: payloadText({ type: "Soft" }),
    state: "sent",
    atMs: NOW,
    requestedAtMs: NOW,
    sentAtMs: NOW,
    deadlineMs: NOW + 25_000,
    expiresAt: 0,
    ...about,
  };
}
