import type { AttemptItem, AttemptState } from "../store/items.ts";
import { attemptsOf, attemptsOfNetwork, type Key, type ListKey } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import { searchPage } from "../store/search.ts";
import type { Table } from "../store/table.ts";
import { asOf } from "./attempt.ts";
import { type AttemptResource, attemptResource } from "./resource.ts";

export interface AttemptSearch {
  readonly networkId: string;
  readonly cpId?: string | undefined;
  readonly state?: AttemptState | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly mayGoOn: () => boolean;
  readonly now: number;
}

/** How many attempts of a station one request looks at. */
const MAX_LOOKED_AT = 2000;

/** A page of the attempts of a station or of a network, newest first. Expiry is computed on read. */
export async function listAttempts(
  table: Table,
  { networkId, cpId, state, now, ...page }: AttemptSearch,
): Promise<CursorPage<AttemptResource>> {
  const isWanted = (attempt: AttemptItem) =>
    attempt.networkId === networkId && (state === undefined || asOf(attempt, now).state === state);
  if (cpId === undefined)
    return searchPage<AttemptItem, AttemptResource>(
      table,
      { partitions: [attemptsOfNetwork(networkId)], ...page },
      async (items) => items.map((item) => (isWanted(item) ? attemptResource(asOf(item, now)) : undefined)),
    );
  const { items, ...rest } = await readPage<AttemptItem & Key & ListKey>(table, {
    partition: attemptsOf(cpId),
    newestFirst: true,
    ...page,
    keep: isWanted,
    most: MAX_LOOKED_AT,
  });
  return { items: items.map((item) => attemptResource(asOf(item, now))), ...rest };
}
