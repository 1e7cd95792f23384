import { notFound } from "../problems.ts";
import { type ConditionalWrite, ifVersion } from "../store/if-version.ts";
import type { RateItem, StationItem } from "../store/items.ts";
import { rateKey, stationKey } from "../store/keys.ts";
import { type CursorPage, cursorOf, positionOf } from "../store/page.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Precondition, versionOf } from "../store/version.ts";

export type RateResource = Omit<RateItem, "version">;

export const rateVersion = (rate: RateResource): string => versionOf(rate);

/**
 * A rate with its members in an order of its own: a map comes back from DynamoDB in any, and what stations are
 * sent, and in which order, must not change from one read to the next.
 */
const resourceOf = (rate: RateItem): RateResource => {
  const { rateId, networkId, currency, priceText, priceTextOffline, translations, chargingPrice } = rate;
  return {
    rateId,
    networkId,
    currency,
    priceText,
    ...(priceTextOffline !== undefined && { priceTextOffline }),
    ...(translations && { translations: Object.fromEntries(Object.entries(translations).sort(byName)) }),
    ...(chargingPrice && { chargingPrice: inOrder(chargingPrice) }),
  };
};

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

const inOrder = ({ kWhPrice, hourPrice, flatFee }: NonNullable<RateItem["chargingPrice"]>) => ({
  ...(kWhPrice !== undefined && { kWhPrice }),
  ...(hourPrice !== undefined && { hourPrice }),
  ...(flatFee !== undefined && { flatFee }),
});

const ifUnchanged = (
  table: Table,
  { networkId, rateId }: Pick<RateItem, "networkId" | "rateId">,
  precondition: Precondition,
  write: ConditionalWrite,
): Promise<void> =>
  ifVersion<RateItem>(table, rateKey(networkId, rateId), precondition, {
    ...write,
    versionOf: (rate) => rateVersion(resourceOf(rate)),
  });

/**
 * Creates or replaces a rate. What stations show changes when they are synced.
 *
 * @throws Problem `precondition-failed`
 */
export async function putRate(
  table: Table,
  rate: RateResource,
  precondition?: Precondition,
): Promise<{ readonly rate: RateResource; readonly isNew: boolean }> {
  const written = resourceOf(rate);
  const item = { ...rateKey(rate.networkId, rate.rateId), ...written, version: rateVersion(written) };
  if (precondition) {
    await ifUnchanged(table, rate, precondition, {
      write: (condition, expression) => table.put(item, condition, expression),
    });
    return { rate: written, isNew: false };
  }
  const { applied: isNew } = await tryWrite(table.put(item, "attribute_not_exists(pk)"));
  if (!isNew) await table.put(item);
  return { rate: written, isNew };
}

/** @throws Problem `not-found` */
export async function readRate(table: Table, networkId: string, rateId: string): Promise<RateResource> {
  const rate = await findRate(table, networkId, rateId);
  if (!rate) throw notFound("rate");
  return rate;
}

export async function findRate(
  table: Table,
  networkId: string,
  rateId: string,
): Promise<RateResource | undefined> {
  const rate = await table.get<RateItem>(rateKey(networkId, rateId));
  return rate && resourceOf(rate);
}

/**
 * The rates of a network, by their ids. A network has few: all of them are read, and the page is taken from them.
 *
 * @throws Problem `invalid-request` for a cursor that is not of this list
 */
export async function listRates(
  table: Table,
  networkId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<CursorPage<RateResource>> {
  const partition = rateKey(networkId, "").pk;
  const behind = cursor === undefined ? undefined : positionOf(cursor, { partition }).sk;
  const rates = await table.partition<RateItem>(partition);
  const left = behind === undefined ? rates : rates.filter(({ rateId }) => rateId > behind);
  const items = left.slice(0, limit).map(resourceOf);
  const last = items.at(-1);
  if (left.length <= limit || last === undefined) return { items };
  const key = rateKey(networkId, last.rateId);
  return { items, nextCursor: cursorOf({ ...key, gsi1pk: key.pk, gsi1sk: key.sk }) };
}

/**
 * Deletes a rate. Stations that it is assigned to have none from then on, and go on showing what they show.
 *
 * @throws Problem `not-found`, `precondition-failed`
 */
export async function deleteRate(
  table: Table,
  networkId: string,
  rateId: string,
  precondition?: Precondition,
): Promise<void> {
  // read first: a deletion that the SDK retried returns nothing
  await readRate(table, networkId, rateId);
  const key = rateKey(networkId, rateId);
  if (!precondition) return void (await table.delete(key));
  await ifUnchanged(table, { networkId, rateId }, precondition, {
    write: (condition, expression) => table.delete(key, condition, expression),
    isDeletion: true,
  });
}

/** Stores the display that a station has accepted. A station deleted in the meantime is left alone. */
export async function keepDisplay(
  table: Table,
  cpId: string,
  display: NonNullable<StationItem["rateDisplay"]>,
): Promise<void> {
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "SET rateDisplay = :display",
      condition: "attribute_exists(pk)",
      values: { ":display": display },
    }),
  );
}
