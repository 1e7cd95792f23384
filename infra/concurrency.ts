import { type FunctionId, type FunctionSpec, functionIds, functionSpecs } from "./functions.ts";

/**
 * What must stay for the functions without a share; Lambda refuses to reserve more.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const LEAST_UNRESERVED = 100;

/**
 * How many of the account's concurrent executions are reserved for each function that has a share: it gets as many
 * and no more. Nothing is reserved where too little would be left, as in new accounts, which may have 10 in all.
 *
 * @param limit the account's concurrent executions in the region; undefined: reserve nothing
 */
export function reservedConcurrency(limit: number | undefined): Partial<Record<FunctionId, number>> {
  const reserved = functionIds.flatMap((id): [FunctionId, number][] => {
    const { concurrencyShare }: FunctionSpec = functionSpecs[id];
    return concurrencyShare === undefined ? [] : [[id, Math.floor((limit ?? 0) * concurrencyShare)]];
  });
  return leftOf(limit ?? 0, reserved) >= LEAST_UNRESERVED ? Object.fromEntries(reserved) : {};
}

/** How many are left for all other functions of the account in the region. */
export const unreservedConcurrency = (limit: number): number =>
  leftOf(limit, Object.entries(reservedConcurrency(limit)));

const leftOf = (limit: number, reserved: readonly (readonly [string, number])[]): number =>
  reserved.reduce((left, [, count]) => left - count, limit);

/**
 * How many environments of a function may be kept initialized: no more than are reserved for it.
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 *
 * @returns Infinity where nothing is reserved, so that only the account's quota bounds them
 */
export function maxKeptWarm(limit: number | undefined): number {
  const reserved = reservedConcurrency(limit);
  const kept = functionIds.filter((id) => (functionSpecs[id] as FunctionSpec).isKeptWarm);
  return Math.min(...kept.map((id) => reserved[id] ?? Number.POSITIVE_INFINITY));
}
