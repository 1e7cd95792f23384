import { type Admission, acquireSlot, LEASE_MS, type SlotUse } from "../limits/semaphore.ts";
import { noteRefusal } from "../limits/spare-slot.ts";
import { count } from "../metrics.ts";
import { Problem } from "../problems.ts";
import { findStation } from "../stations/find.ts";
import { rateLimitOf } from "./rate-limit.ts";
import type { AcceptDeps, CommandRequest } from "./request.ts";

/** The network whose limit counts: the station's, which a caller of one network need not look up. */
export async function networkOf(deps: AcceptDeps, { cpId, networks }: CommandRequest): Promise<string> {
  const [only] = networks;
  if (only !== undefined && networks.length === 1) return only;
  return (await findStation(deps.table, cpId, networks)).networkId;
}

/**
 * Takes a slot of the network.
 *
 * @throws Problem `too-many-parallel-requests`
 */
export async function takeSlot(deps: AcceptDeps, networkId: string, holder: string): Promise<void> {
  const admission = await admit(deps, networkId, holder);
  if (!admission.admitted) throw tooMany(admission);
}

/** Takes a slot of the network where one is free. */
export async function admit(
  { table, clock }: AcceptDeps,
  networkId: string,
  holder: string,
): Promise<Admission> {
  const now = clock.now();
  const admission = await acquireSlot(table, { networkId, holder, now, expiresAtMs: now + LEASE_MS });
  if (!admission.admitted) {
    count("limitReached");
    await noteRefusal(table, { networkId, limit: admission.limit }, now);
  }
  return admission;
}

/**
 * A slot comes free with every response, not only when a lease runs out. Callers are sent back after 1 to 3 s, each
 * after a time of its own, so that they do not return at once.
 */
const MAX_RETRY_AFTER_S = 3;

export function tooMany(use: SlotUse): Problem {
  const { limit, inUse } = use;
  const retryAfterS = 1 + Math.floor(Math.random() * MAX_RETRY_AFTER_S);
  return new Problem(
    "too-many-parallel-requests",
    `The network runs ${inUse} commands; its limit is ${limit}. Nothing was sent.`,
    { limit, inUse },
    { headers: { "Retry-After": String(retryAfterS), ...rateLimitOf(use, retryAfterS) } },
  );
}
