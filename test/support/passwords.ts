import { hashPassword } from "../../shared/handshake/password-hash.ts";
import { addHash, hashesIn, type PasswordsItem } from "../../shared/handshake/stored-hashes.ts";
import type { BasicAuth } from "../../shared/store/items.ts";
import { passwordsKey } from "../../shared/store/keys.ts";
import type { Table } from "../../shared/store/table.ts";

const clock = { now: () => Date.now() };

/** The authentication of a station that has this password; its hash is stored. */
export async function basicAuth(passwords: Table, cpId: string, password: string): Promise<BasicAuth> {
  const passwordId = await addHash({ passwords, clock }, cpId, await hashPassword(password));
  return { type: "basic", passwordId };
}

/** The stored hashes of a station, by their ids. */
export async function hashesOf(passwords: Table, cpId: string): Promise<Map<string, string>> {
  const item = await passwords.get<PasswordsItem>(passwordsKey(cpId));
  return new Map([...hashesIn(item)].map(([id, { hash }]) => [id, hash]));
}
