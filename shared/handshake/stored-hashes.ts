/**
 * The hashes of a station's passwords: one item in a table of their own, an attribute for each hash. The station's
 * item decides which of them are valid, so every change is two writes without a transaction: a hash is added before
 * the station's item names it, and removed after the station's item has ceased to. A process that dies in between
 * leaves a hash that no station names.
 *
 * Ids are never used again. A hash that no station names is therefore safe to remove once the function that added it
 * must have ended.
 */

import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { logger } from "../logger.ts";
import type { StationAuth, StoredHash } from "../store/items.ts";
import { passwordsKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { MINUTE_MS } from "../time.ts";

/** A hash that is as old as this and that no station names was left by a process that has ended: functions end within 1 min. */
const LEFT_BEHIND_MS = 10 * MINUTE_MS;

export interface PasswordDeps {
  readonly passwords: Table;
  readonly clock: Pick<Clock, "now">;
}

/** An item of the table of passwords. */
export type PasswordsItem = Readonly<Record<string, unknown>>;

/** Its hashes by id; every other attribute is a text or a number. */
export const hashesIn = (item: PasswordsItem | undefined): ReadonlyMap<string, StoredHash> =>
  new Map(
    Object.entries(item ?? {}).filter((each): each is [string, StoredHash] => typeof each[1] === "object"),
  );

/** The ids of all hashes that a station names, valid or no longer. */
export const passwordIdsOf = (auth: StationAuth): string[] =>
  auth.type === "basic"
    ? [auth.passwordId, ...(auth.pending ?? []).map(({ passwordId }) => passwordId), ...(auth.unused ?? [])]
    : [];

/**
 * Those that can be removed.
 *
 * @param used the ids that the station's item names
 * @param dropped ids that it named and will not name again
 */
export function removable(
  hashes: ReadonlyMap<string, StoredHash>,
  { used, dropped }: Uses,
  now: number,
): string[] {
  return [...hashes]
    .filter(([id, { addedAtMs }]) => dropped.includes(id) || addedAtMs < now - LEFT_BEHIND_MS)
    .map(([id]) => id)
    .filter((id) => !used.includes(id));
}

interface Uses {
  readonly used: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Adds a hash that no station names yet. One write.
 *
 * @param instead ids of hashes that the same write removes
 * @returns its id
 */
export async function addHash(
  { passwords, clock }: PasswordDeps,
  cpId: string,
  hash: string,
  instead: readonly string[] = [],
): Promise<string> {
  const id = randomUUID();
  const { update, names } = removing(instead);
  await passwords.update({
    key: passwordsKey(cpId),
    update: `SET #id = :hash ADD revision :one${update && ` ${update}`}`,
    names: { "#id": id, ...names },
    values: { ":hash": { hash, addedAtMs: clock.now() } satisfies StoredHash, ":one": 1 },
  });
  return id;
}

/** Removes one hash that no station names. */
export async function removeHash(passwords: Table, cpId: string, id: string): Promise<void> {
  await remove(passwords, cpId, [id]);
}

/**
 * Removes what a station has ceased to name, and what processes that died have left; the item, too, if nothing
 * remains. Errors are only logged: the station's item is changed by then, and the next change tries again.
 */
export async function removeUnused(
  { passwords, clock }: PasswordDeps,
  cpId: string,
  uses: Uses,
): Promise<void> {
  try {
    const item = await passwords.get<PasswordsItem>(passwordsKey(cpId));
    if (!item) return;
    const hashes = hashesIn(item);
    const ids = removable(hashes, uses, clock.now());
    if (ids.length === hashes.size) {
      const deleting = passwords.delete(passwordsKey(cpId), "revision = :seen", {
        values: { ":seen": item.revision },
      });
      if ((await tryWrite(deleting)).applied) return;
      // a registration of the same identity has added one since
    }
    if (ids.length > 0) await remove(passwords, cpId, ids);
  } catch (error) {
    logger.warn("password hashes that are no longer valid could not be removed", { cpId, error });
  }
}

/** Conditional: an update would create an item that is not there. */
async function remove(passwords: Table, cpId: string, ids: readonly string[]): Promise<void> {
  const writing = passwords.update({
    key: passwordsKey(cpId),
    condition: "attribute_exists(pk)",
    ...removing(ids),
  });
  await tryWrite(writing);
}

function removing(ids: readonly string[]) {
  const names = Object.fromEntries(ids.map((id, n) => [`#unused${n}`, id]));
  return { update: ids.length > 0 ? `REMOVE ${Object.keys(names).join(", ")}` : "", names };
}
