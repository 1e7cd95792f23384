import { Problem } from "../problems.ts";
import type { BasicAuth, Connection, StationItem } from "../store/items.ts";
import { passwordsKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";
import { hashPassword } from "./password-hash.ts";
import { beforeCall, neverSent, validPasswords, withoutUnused } from "./password-rotation.ts";
import { changePassword } from "./store-password.ts";
import {
  addHash,
  hashesIn,
  type PasswordDeps,
  type PasswordsItem,
  removable,
  removeHash,
} from "./stored-hashes.ts";

/** Takes an expected password back: its CALL was not sent, or another request of the same Idempotency-Key sent it. */
export type ForgetPassword = () => Promise<void>;

/**
 * Makes a password valid before the CALL that sends it: a station that takes it is never locked out, whatever
 * process ends. One read and two writes: the hash, then the station's item, which names it.
 *
 * @returns how to take that back, where the CALL was not sent after all
 * @throws Problem `station-busy` where too many changes wait for the station's next connection
 */
export async function expectPassword(
  deps: PasswordDeps & { readonly table: Table },
  station: StationItem & { readonly auth: BasicAuth; readonly connection: Connection },
  password: string,
  messageId: string,
): Promise<ForgetPassword> {
  const { table, passwords, clock } = deps;
  const { auth, connection, cpId } = station;
  const hashes = hashesIn(await passwords.get<PasswordsItem>(passwordsKey(cpId)));
  const valid = validPasswords(auth);
  const hash = await hashPassword(
    password,
    valid.flatMap((id) => hashes.get(id)?.hash ?? []),
  );
  const alike = new Set([...hashes].filter(([, each]) => each.hash === hash).map(([id]) => id));
  const sending = { messageId, connectionId: connection.connectionId };
  if (!beforeCall(auth, { ...sending, passwordId: "" }, alike)) throw tooManyPending();

  const unused = removable(hashes, { used: valid, dropped: auth.unused ?? [] }, clock.now());
  const passwordId = await addHash(deps, cpId, hash, unused);
  const pending = { ...sending, passwordId };
  await changePassword(table, station, (now) => {
    const after = beforeCall(now, pending, alike);
    if (!after) throw tooManyPending();
    return after === now ? after : withoutUnused(after, unused);
  });
  return async () => {
    await changePassword(table, cpId, (now) => neverSent(now, pending));
    await removeHash(passwords, cpId, passwordId);
  };
}

const tooManyPending = (): Problem =>
  new Problem(
    "station-busy",
    "The station has not answered several password changes on this connection, so its current password is unknown. Nothing was sent. Retry after the station has reconnected.",
    {},
    { headers: { "Retry-After": "60" } },
  );
