import { Problem } from "../problems.ts";
import type { BasicAuth, Connection, StationItem } from "../store/items.ts";
import type { Table } from "../store/table.ts";
import { hashPassword } from "./password-hash.ts";
import { beforeCall, neverSent, sentByAnother, validHashes } from "./password-rotation.ts";
import { changePassword } from "./store-password.ts";

/** @param sentBy whether the CALL went out for another request of the same Idempotency-Key, or for none */
export type ForgetPassword = (sentBy: "none" | "another") => Promise<void>;

/**
 * Makes a password valid before the CALL that sends it: a station that takes it is never locked out, whatever
 * process ends.
 *
 * @returns how to take that back, where the CALL was not sent after all
 * @throws Problem `station-busy` where too many changes wait for the station's next connection
 */
export async function expectPassword(
  table: Table,
  station: StationItem & { readonly auth: BasicAuth; readonly connection: Connection },
  password: string,
  messageId: string,
): Promise<ForgetPassword> {
  const { auth, connection, cpId } = station;
  const passwordHash = await hashPassword(password, validHashes(auth));
  const pending = { passwordHash, messageId, connectionId: connection.connectionId };
  await changePassword(table, station, (now) => {
    const after = beforeCall(now, pending);
    if (!after) throw tooManyPending();
    return after;
  });
  return (sentBy) =>
    changePassword(table, cpId, (now) =>
      sentBy === "none" ? neverSent(now, pending) : sentByAnother(now, pending),
    );
}

const tooManyPending = (): Problem =>
  new Problem(
    "station-busy",
    "The station has not answered several password changes on this connection, so its current password is unknown. Nothing was sent. Retry after the station has reconnected.",
    {},
    { headers: { "Retry-After": "60" } },
  );
