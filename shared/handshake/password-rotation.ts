/**
 * A station's password while it changes. Only the station knows which password it has: between our CALL and its next
 * connection it has the old or the new one, and after a missing answer either is possible. Every password that it may
 * have is therefore valid until its behaviour shows which one it has.
 *
 *     password C
 *     CALL with P1 goes out        C, P1       P1 was stored before
 *     station: Rejected            C
 *     CALL with P2 goes out        C, P2       no answer: the station has C or P2
 *     CALL with P3 goes out        C, P2, P3
 *     station: Accepted (P3)       C, P2, P3   the station has P3 from its next connection on
 *     station connects with P3     P3          it had P3 after C and P2
 *
 * A station processes CALLs in the order they were sent, and none of a connection that has ended. If it connects with
 * one password, it has none that was sent before. Passwords that were sent later stay valid.
 */

import type { BasicAuth, PendingPassword } from "../store/items.ts";

/** As many passwords may wait for the station to show which it has. */
export const MAX_PENDING = 5;

/**
 * Maximum number of entries. One password may be sent repeatedly without a usable answer. Each CALL needs an entry of
 * its own: a late refusal of one CALL must not remove the entry of another.
 */
const MAX_ENTRIES = 40;

/** The ids of every password that is valid, those that are pending first. */
export const validPasswords = ({ pending = [], passwordId }: BasicAuth): string[] => [
  ...pending.map((each) => each.passwordId),
  passwordId,
];

/**
 * Adds a password that is about to be sent. If there is no room, an entry is removed that the station cannot have: it
 * was sent on a connection that has ended, no answer is known, and the station has connected with another password
 * since.
 *
 * @param alike the ids of stored passwords that equal this one
 * @returns undefined if there is no room
 */
export function beforeCall(
  auth: BasicAuth,
  password: PendingPassword,
  alike: ReadonlySet<string> = new Set(),
): BasicAuth | undefined {
  const { pending = [] } = auth;
  if (pending.some(({ passwordId }) => passwordId === password.passwordId)) return auth;
  // requests of one key may come at once, and one of them will be sent
  const calls = new Set(pending.map(({ messageId }) => messageId));
  const isKnown = pending.some(({ passwordId }) => alike.has(passwordId));
  const hasRoom = calls.size < MAX_PENDING || (isKnown && pending.length < MAX_ENTRIES);
  if (hasRoom || calls.has(password.messageId)) return changed(auth, [...pending, password]);
  const given = pending.findIndex(
    ({ accepted, connectionId }) => !accepted && connectionId !== password.connectionId,
  );
  if (given < 0) return undefined;
  return changed(auth, [...pending.filter((_, place) => place !== given), password]);
}

/**
 * Without a password that did not go out after all, or that another request of the same key was faster than: that
 * request has added its own.
 */
export function neverSent(auth: BasicAuth, { passwordId }: PendingPassword): BasicAuth {
  const { pending = [] } = auth;
  const others = pending.filter((each) => each.passwordId !== passwordId);
  return others.length === pending.length ? auth : changed(auth, others);
}

/**
 * After the station's answer to a CALL that sent a password, whenever that came. One that it refused goes. Of
 * those that it took, the last one stays, and before it the last that counts without a boot. What is not known of
 * the others remains so.
 *
 * @param accepted undefined: it did not take it
 */
export function afterAnswer(
  auth: BasicAuth,
  messageId: string,
  accepted: PendingPassword["accepted"],
): BasicAuth {
  const { pending = [] } = auth;
  const isIts = (each: PendingPassword) => each.messageId === messageId;
  if (!pending.some(isIts)) return auth;
  if (!accepted)
    return changed(
      auth,
      pending.filter((each) => !isIts(each)),
    );
  const known = pending.map((each) => (isIts(each) ? { ...each, accepted } : each));
  const last = known.findLast((each) => each.accepted)?.messageId;
  const lastNow = known.findLast((each) => each.accepted === "now")?.messageId;
  return changed(
    auth,
    known.filter((each) => !each.accepted || each.messageId === last || each.messageId === lastNow),
  );
}

/** After the station has connected with one of the {@link validPasswords}. */
export function afterHandshake(auth: BasicAuth, passwordId: string): BasicAuth {
  const { pending = [] } = auth;
  const place = pending.findIndex((each) => each.passwordId === passwordId);
  if (place < 0) return auth;
  return changed(auth, pending.slice(place + 1), passwordId);
}

/** After the hashes of these passwords were removed. It changes nothing that is valid, so it goes along with another change. */
export function withoutUnused(auth: BasicAuth, removed: readonly string[]): BasicAuth {
  const { unused = [], ...others } = auth;
  const left = unused.filter((id) => !removed.includes(id));
  return { ...others, ...(left.length > 0 && { unused: left }) };
}

function changed(
  before: BasicAuth,
  pending: PendingPassword[],
  passwordId: string = before.passwordId,
): BasicAuth {
  const { type, revision = 0 } = before;
  const after = { type, passwordId, ...(pending.length > 0 && { pending }), revision: revision + 1 };
  const valid = validPasswords(after);
  const unused = [...(before.unused ?? []), ...validPasswords(before).filter((id) => !valid.includes(id))];
  return { ...after, ...(unused.length > 0 && { unused }) };
}
