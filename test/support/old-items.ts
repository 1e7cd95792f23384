import { addHash } from "../../shared/handshake/stored-hashes.ts";
import type { StationItem } from "../../shared/store/items.ts";
import type { Key } from "../../shared/store/keys.ts";
import type { Table } from "../../shared/store/table.ts";
import fixture from "../fixtures/items-0.1.0.json" with { type: "json" };

/** What version 0.1.0 left in its table after some work with four stations, and its schedules. */
export const released = fixture;

const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The same value, shifted by so many milliseconds: items contain when they were written, and what is due when. */
function later(value: unknown, ms: number, name = ""): unknown {
  if (typeof value === "string")
    return value.replace(ISO, (at) => new Date(Date.parse(at) + ms).toISOString());
  if (typeof value === "number") {
    if (name === "expiresAt") return value + Math.round(ms / 1000);
    return value > 1e12 ? value + ms : value;
  }
  if (Array.isArray(value)) return value.map((each) => later(each, ms));
  if (typeof value !== "object" || value === null) return value;
  if ("$set" in value) return new Set(value.$set as unknown[]);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, later(child, ms, key)]));
}

/**
 * Puts the items of 0.1.0 into a table, as if they had been written just now, and moves their password hashes into
 * the table of passwords, as docs/upgrades.md wants it.
 */
export async function putReleased(table: Table, passwords: Table, now = Date.now()): Promise<void> {
  const items = later(released.items, now - Date.parse(released.at)) as Key[];
  for (const item of items) await table.put(await moved(item, passwords, now));
}

async function moved(item: Key, passwords: Table, now: number): Promise<Key> {
  const { cpId, auth } = item as Key & Partial<StationItem>;
  const { passwordHash } = (auth ?? {}) as { readonly passwordHash?: string };
  if (cpId === undefined || passwordHash === undefined) return item;
  const passwordId = await addHash({ passwords, clock: { now: () => now } }, cpId, passwordHash);
  return { ...item, auth: { type: "basic", passwordId } } as Key;
}
