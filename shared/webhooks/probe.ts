/**
 * Whether a receiver is to be tried. A receiver that does not answer costs each attempt its full 10 s, and every station
 * has a lane. After several failures in a row the webhook is therefore probed: one lane at a time may send, the others
 * wait for the outcome.
 *
 *     failures = 10   the lanes wait until probeAtMs; the first one that is due claims the probe
 *     claim           probeAtMs = now + lease     the others look again then: the function may have died
 *     it fails        probeAtMs = now + pause     5 s, 5 min, then 30 min
 *     it succeeds     failures removed            each lane that wakes sends
 *
 * Nothing is lost: a lane that waits has its deliveries in the table and a message in the queue, as after a failure of
 * its own.
 */

import { type Table, tryWrite } from "../store/table.ts";
import { type WebhookItem, webhookKey } from "../store/webhooks.ts";
import { MINUTE_MS } from "../time.ts";
import { pauseAfter } from "./schedule.ts";

/** So many failures in a row; as many lanes as one invocation has may meet a receiver that restarts. */
const FAILURES_BEFORE_PROBING = 10;

/** A probe is two requests at most, of 10 s each. */
const PROBE_LEASE_MS = 30_000;

/** The longest pause between probes: a receiver that is up again is found within it, and 48 probes a day cost little. */
const MAX_PROBE_PAUSE_MS = 30 * MINUTE_MS;

/** Whether a lane may send now. */
export type Turn =
  | {
      readonly mayPost: true;
      /** Which probe in a row it is; 0 for a webhook that is not probed. */
      readonly probe: number;
    }
  | { readonly mayPost: false; readonly againAtMs: number };

const isProbed = ({ failures = 0 }: WebhookItem): boolean => failures >= FAILURES_BEFORE_PROBING;

/** Claims the probe of a webhook that is probed. Any attempt is a lane's turn where it is not. */
export async function takeTurn(table: Table, webhook: WebhookItem, now: number): Promise<Turn> {
  if (!isProbed(webhook)) return { mayPost: true, probe: 0 };
  const { uid, probeAtMs } = webhook;
  if (probeAtMs !== undefined && probeAtMs > now) return { mayPost: false, againAtMs: probeAtMs };
  const isAsSeen = probeAtMs === undefined ? "attribute_not_exists(probeAtMs)" : "probeAtMs = :seen";
  const { applied, item } = await tryWrite<WebhookItem>(
    table.update<WebhookItem>({
      key: keyOf(webhook),
      update: "SET probeAtMs = :until, probes = if_not_exists(probes, :none) + :one",
      condition: `uid = :uid AND failures >= :least AND ${isAsSeen}`,
      returning: "ALL_NEW",
      values: {
        ...{ ":uid": uid, ":least": FAILURES_BEFORE_PROBING, ":until": now + PROBE_LEASE_MS },
        ...{ ":none": 0, ":one": 1 },
        ...(probeAtMs !== undefined && { ":seen": probeAtMs }),
      },
    }),
  );
  if (applied) return { mayPost: true, probe: item?.probes ?? 1 };
  if (!item || !isProbed(item)) return { mayPost: true, probe: 0 };
  return { mayPost: false, againAtMs: item.probeAtMs ?? now + PROBE_LEASE_MS };
}

/** Stores that an attempt has succeeded. */
export async function noteSuccess(table: Table, webhook: WebhookItem): Promise<void> {
  if (webhook.failingSinceMs === undefined) return;
  await write(table, webhook, `REMOVE failingSinceMs, ${PROBING}`);
}

export interface FailedAttempt {
  readonly now: number;
  /** Whether the receiver refused this event, and so is there. */
  readonly isRefusal: boolean;
  /** Which probe in a row it was, 0 for none. */
  readonly probe: number;
}

/** Stores that an attempt has failed. */
export async function noteFailure(
  table: Table,
  webhook: WebhookItem,
  { now, isRefusal, probe }: FailedAttempt,
): Promise<void> {
  const since = "failingSinceMs = if_not_exists(failingSinceMs, :now)";
  if (isRefusal) {
    const isCounted = webhook.failures !== undefined;
    if (isCounted || webhook.failingSinceMs === undefined)
      await write(table, webhook, `SET ${since} REMOVE ${PROBING}`, { ":now": now });
    return;
  }
  if (isProbed(webhook) && probe === 0) return;
  const nextProbe = probe > 0 && { ":next": now + Math.min(pauseAfter(probe), MAX_PROBE_PAUSE_MS) };
  await write(
    table,
    webhook,
    `SET ${since}, failures = if_not_exists(failures, :none) + :one${nextProbe ? ", probeAtMs = :next" : ""}`,
    { ":now": now, ":none": 0, ":one": 1, ...nextProbe },
  );
}

const PROBING = "failures, probes, probeAtMs";

const keyOf = ({ networkId, webhookId }: WebhookItem) => webhookKey(networkId, webhookId);

async function write(table: Table, webhook: WebhookItem, update: string, values: object = {}): Promise<void> {
  await tryWrite(
    table.update({
      key: keyOf(webhook),
      update,
      condition: "uid = :uid",
      values: { ...values, ":uid": webhook.uid },
    }),
  );
}
