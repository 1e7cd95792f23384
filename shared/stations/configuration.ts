import type { StoredConfigurationKey } from "../store/items.ts";
import { configurationKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";

/** What a station told of its configuration, secrets masked. */
export interface ConfigurationReport {
  /** Whether these are all the keys it has: what was stored before is gone then. */
  readonly complete: boolean;
  readonly keys: readonly { readonly key: string; readonly value?: string; readonly readonly: boolean }[];
}

/** The item's attribute for a configuration key. */
const attributeOf = (key: string): string => `key:${key}`;

/** As many keys go into one UpdateItem: an expression ends at 4 KB and 300 operators. */
const KEYS_PER_WRITE = 100;

/** Keeps what a station told: one write for a complete report, one per 100 keys otherwise. */
export async function storeConfiguration(
  table: Table,
  cpId: string,
  { complete, keys }: ConfigurationReport,
  now: number,
): Promise<void> {
  const updatedAt = new Date(now).toISOString();
  const stored = keys.map(({ key, value, readonly }): [string, StoredConfigurationKey] => [
    attributeOf(key),
    { ...(value !== undefined && { value }), readonly, updatedAt },
  ]);
  if (complete) {
    await table.put({ ...configurationKey(cpId), cpId, fetchedAt: updatedAt, ...Object.fromEntries(stored) });
    return;
  }
  for (let from = 0; from < stored.length; from += KEYS_PER_WRITE) {
    const some = stored.slice(from, from + KEYS_PER_WRITE);
    await table.update({
      key: configurationKey(cpId),
      update: `SET cpId = :cpId, fetchedAt = :now, ${some.map((_, i) => `#k${i} = :k${i}`).join(", ")}`,
      names: Object.fromEntries(some.map(([attribute], i) => [`#k${i}`, attribute])),
      values: {
        ":cpId": cpId,
        ":now": updatedAt,
        ...Object.fromEntries(some.map(([, value], i) => [`:k${i}`, value])),
      },
    });
  }
}

/** The stored configuration as API consumers read it. */
export interface StoredConfiguration {
  /** When the station last told something of it; absent: never. */
  readonly fetchedAt?: string;
  readonly configurationKeys: readonly (StoredConfigurationKey & { readonly key: string })[];
}

/** What is stored of a station's configuration, by key. */
export async function readConfiguration(table: Table, cpId: string): Promise<StoredConfiguration> {
  const item = (await table.get<Record<string, unknown>>(configurationKey(cpId))) ?? {};
  const prefix = attributeOf("");
  const configurationKeys = Object.entries(item)
    .filter(([attribute]) => attribute.startsWith(prefix))
    .map(([attribute, stored]) => ({
      key: attribute.slice(prefix.length),
      ...(stored as StoredConfigurationKey),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const { fetchedAt } = item;
  return { ...(typeof fetchedAt === "string" && { fetchedAt }), configurationKeys };
}
