/**
 * The configuration that a station reported, as items:
 *
 *     CONFIGURATION      {fetchedAt, pages?, key:<k>: {value, updatedAt}, readonly:<k>: true, …}
 *     CONFIGURATION#0    the same two attributes for each key, up to 300 KB; then #1, #2 …
 *
 * The first item holds everything that fits, which is every configuration of 1.6. A complete report of thousands of
 * variables goes to pages, because a DynamoDB item ends at 400 KB. Later reports go to the first item, which takes
 * precedence over the pages: a report of one key is one write of a small item.
 */

import type { StoredConfigurationValue, VariableLimits } from "../store/items.ts";
import { configurationKey, configurationPageKey, type Key, stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { iso } from "../time.ts";

/** One configuration key as the station reported it, secrets masked. */
export interface ReportedKey {
  readonly key: string;
  readonly value?: string;
  /** Absent if the report does not contain it; then the stored value remains. */
  readonly readonly?: boolean;
}

/** The configuration that a station has reported. */
export interface ConfigurationReport {
  /** Whether these are all the keys it has: what was stored before is gone then. */
  readonly complete: boolean;
  readonly keys: readonly ReportedKey[];
  /** The limits on messages to the station that the configuration contains. */
  readonly limits?: VariableLimits;
}

/** A stored configuration key as API consumers read it. */
export interface StoredConfigurationKey extends StoredConfigurationValue {
  readonly key: string;
  readonly readonly: boolean;
}

/** As many keys go into one UpdateItem: an expression ends at 4 KB. */
const KEYS_PER_WRITE = 100;

const PAGE_BYTES = 300_000;

const VALUE = "key:";
const READONLY = "readonly:";

/** Stores a report of the station. One write, unless the report is larger than an item. */
export async function storeConfiguration(
  table: Table,
  cpId: string,
  { complete, keys, limits }: ConfigurationReport,
  now: number,
): Promise<void> {
  const updatedAt = iso(now);
  if (complete) {
    const stored = keys.map(({ readonly = false, ...key }) => ({ ...key, readonly, updatedAt }));
    await replace(table, cpId, stored, updatedAt);
  } else {
    for (let from = 0; from < keys.length; from += KEYS_PER_WRITE)
      await merge(table, cpId, keys.slice(from, from + KEYS_PER_WRITE), updatedAt);
  }
  if (limits && Object.keys(limits).length > 0) await keepLimits(table, cpId, limits);
}

async function replace(
  table: Table,
  cpId: string,
  keys: readonly StoredConfigurationKey[],
  fetchedAt: string,
): Promise<void> {
  const [first, ...more] = pagesOf(keys);
  const head = { ...configurationKey(cpId), cpId, fetchedAt };
  if (more.length === 0) {
    await table.put({ ...head, ...first });
    return;
  }
  // a page that is not counted any more is overwritten some day, and not read until then
  const pages = [first, ...more];
  await Promise.all(pages.map((page, n) => table.put({ ...configurationPageKey(cpId, n), ...page })));
  await table.put({ ...head, pages: pages.length });
}

type Attributes = Record<string, StoredConfigurationValue | true>;

function pagesOf(keys: readonly StoredConfigurationKey[]): Attributes[] {
  const pages: Attributes[] = [{}];
  let bytes = 0;
  for (const { key, readonly, value, updatedAt } of keys) {
    // both attributes' names, the value and its time; the rest is what DynamoDB adds
    const size = 2 * Buffer.byteLength(key) + Buffer.byteLength(value ?? "") + 100;
    if (bytes + size > PAGE_BYTES) {
      pages.push({});
      bytes = 0;
    }
    bytes += size;
    Object.assign(pages.at(-1) as Attributes, {
      [VALUE + key]: { ...(value !== undefined && { value }), updatedAt },
      ...(readonly && { [READONLY + key]: true }),
    });
  }
  return pages;
}

async function merge(
  table: Table,
  cpId: string,
  keys: readonly ReportedKey[],
  updatedAt: string,
): Promise<void> {
  // a key that is named twice can be set once
  const reported = [...new Map(keys.map((key) => [key.key, key])).values()];
  const writable = reported.flatMap(({ readonly }, i) => (readonly === false ? [`#r${i}`] : []));
  const readonly = reported.flatMap(({ readonly }, i) => (readonly ? [`#r${i} = :true`] : []));
  const set = ["cpId = :cpId", "fetchedAt = :now", ...reported.map((_, i) => `#k${i} = :k${i}`), ...readonly];
  try {
    await table.update({
      key: configurationKey(cpId),
      update: `SET ${set.join(", ")}${writable.length > 0 ? ` REMOVE ${writable.join(", ")}` : ""}`,
      names: Object.fromEntries(
        reported.flatMap(({ key, readonly }, i) => [
          [`#k${i}`, VALUE + key],
          ...(readonly === undefined ? [] : [[`#r${i}`, READONLY + key]]),
        ]),
      ),
      values: {
        ":cpId": cpId,
        ":now": updatedAt,
        ...(readonly.length > 0 && { ":true": true }),
        ...Object.fromEntries(
          reported.map(({ value }, i) => [`:k${i}`, { ...(value !== undefined && { value }), updatedAt }]),
        ),
      },
    });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const { configurationKeys } = await readConfiguration(table, cpId);
    const known = new Map(configurationKeys.map((key) => [key.key, key]));
    for (const key of reported)
      known.set(key.key, {
        ...key,
        readonly: key.readonly ?? known.get(key.key)?.readonly ?? false,
        updatedAt,
      });
    await replace(table, cpId, [...known.values()], updatedAt);
  }
}

/** "Item size to update has exceeded the maximum allowed size" */
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && error.name === "ValidationException" && /item size/i.test(error.message);

async function keepLimits(table: Table, cpId: string, limits: VariableLimits): Promise<void> {
  const names = Object.keys(limits);
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: `SET ${names.map((name) => `${name} = :${name}`).join(", ")}`,
      condition: "attribute_exists(pk)",
      values: Object.fromEntries(Object.entries(limits).map(([name, value]) => [`:${name}`, value])),
    }),
  );
}

/** The stored configuration as API consumers read it. */
export interface StoredConfiguration {
  /** Time of the station's last report; absent: never. */
  readonly fetchedAt?: string;
  readonly configurationKeys: readonly StoredConfigurationKey[];
}

/** What is stored of a station's configuration, by key. */
export async function readConfiguration(table: Table, cpId: string): Promise<StoredConfiguration> {
  const { pk, sk } = configurationKey(cpId);
  const items = await table.partition<Key & Record<string, unknown>>(pk, sk);
  const head = items.find((item) => item.sk === sk);
  // pages without it are a first report that is being stored
  if (!head) return { configurationKeys: [] };
  const counted = Array.from({ length: (head.pages as number | undefined) ?? 0 }, (_, n) =>
    items.find((page) => page.sk === configurationPageKey(cpId, n).sk),
  );
  const all: Record<string, unknown> = Object.assign({}, ...counted, head);
  const configurationKeys = Object.entries(all)
    .filter(([attribute]) => attribute.startsWith(VALUE))
    .map(([attribute, stored]) => {
      const key = attribute.slice(VALUE.length);
      return { key, ...(stored as StoredConfigurationValue), readonly: all[READONLY + key] === true };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { fetchedAt: head.fetchedAt as string, configurationKeys };
}
