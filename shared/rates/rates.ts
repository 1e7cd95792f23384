import { notFound } from "../problems.ts";
import type { RateItem, StationItem } from "../store/items.ts";
import { rateKey, stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";

export type RateResource = RateItem;

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

/** Creates or replaces a rate. What stations show changes when they are synced. */
export async function putRate(
  table: Table,
  rate: RateItem,
): Promise<{ readonly rate: RateResource; readonly isNew: boolean }> {
  const item = { ...rateKey(rate.networkId, rate.rateId), ...rate };
  const { applied: isNew } = await tryWrite(table.put(item, "attribute_not_exists(pk)"));
  if (!isNew) await table.put(item);
  return { rate: resourceOf(rate), isNew };
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
 * Deletes a rate. Stations that it is assigned to have none from then on, and go on showing what they show.
 *
 * @throws Problem `not-found`
 */
export async function deleteRate(table: Table, networkId: string, rateId: string): Promise<void> {
  // read first: a deletion that the SDK retried returns nothing
  await readRate(table, networkId, rateId);
  await table.delete(rateKey(networkId, rateId));
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
