/** The token list of a network: who may charge where its authorization is `listed`. */

import { notFound } from "../problems.ts";
import { ifVersion } from "../store/if-version.ts";
import type { TokenItem, TokenStatus } from "../store/items.ts";
import { type Key, type ListKey, tokenKey, tokenListKey, tokensOf } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Precondition, versionOf } from "../store/version.ts";

/** A token as API clients read it. */
export interface TokenResource extends Omit<TokenItem, "version" | "validUntil"> {
  readonly expiresAt?: string;
}

export const tokenVersion = (token: TokenResource): string => versionOf(token);

const resourceOf = ({
  idTag,
  networkId,
  type,
  status,
  validUntil,
  groupId,
  note,
}: TokenItem): TokenResource => ({
  idTag,
  networkId,
  ...(type !== undefined && { type }),
  status,
  ...(validUntil !== undefined && { expiresAt: validUntil }),
  ...(groupId !== undefined && { groupId }),
  ...(note !== undefined && { note }),
});

function itemOf({ expiresAt, ...token }: TokenResource): TokenItem & Key & ListKey {
  const { networkId, idTag } = token;
  return {
    ...tokenKey(networkId, idTag),
    ...tokenListKey(networkId, idTag),
    ...token,
    ...(expiresAt !== undefined && { validUntil: expiresAt }),
    version: tokenVersion({ ...token, ...(expiresAt !== undefined && { expiresAt }) }),
  };
}

/**
 * Creates or replaces a token.
 *
 * @throws Problem `precondition-failed`
 */
export async function putToken(
  table: Table,
  token: TokenResource,
  precondition?: Precondition,
): Promise<{ readonly token: TokenResource; readonly isNew: boolean }> {
  const item = itemOf(token);
  if (precondition) {
    const key = tokenKey(token.networkId, token.idTag);
    await ifVersion<TokenItem>(table, key, precondition, {
      write: (condition, expression) => table.put(item, condition, expression),
      versionOf: ({ version }) => version,
    });
    return { token: resourceOf(item), isNew: false };
  }
  const { applied: isNew } = await tryWrite(table.put(item, "attribute_not_exists(pk)"));
  if (!isNew) await table.put(item);
  return { token: resourceOf(item), isNew };
}

/** What became of a token of an import. `exists`: it was there with this content. */
export type TokenOutcome = "created" | "updated" | "exists";

/** Creates or replaces a token. A token that has the same content already costs no second write. */
export async function importToken(table: Table, token: TokenResource): Promise<TokenOutcome> {
  const item = itemOf(token);
  const { applied, item: before } = await tryWrite<TokenItem>(table.put(item, "attribute_not_exists(pk)"));
  if (applied) return "created";
  if (before?.version === item.version) return "exists";
  await table.put(item);
  return "updated";
}

export const findToken = (table: Table, networkId: string, idTag: string): Promise<TokenItem | undefined> =>
  table.get<TokenItem>(tokenKey(networkId, idTag));

/** @throws Problem `not-found` */
export async function readToken(table: Table, networkId: string, idTag: string): Promise<TokenResource> {
  const token = await findToken(table, networkId, idTag);
  if (!token) throw notFound("token");
  return resourceOf(token);
}

/** @throws Problem `not-found`, `precondition-failed` */
export async function deleteToken(
  table: Table,
  networkId: string,
  idTag: string,
  precondition?: Precondition,
): Promise<void> {
  // read first: a deletion that the SDK retried returns nothing
  await readToken(table, networkId, idTag);
  const key = tokenKey(networkId, idTag);
  if (!precondition) return void (await table.delete(key));
  await ifVersion<TokenItem>(table, key, precondition, {
    write: (condition, expression) => table.delete(key, condition, expression),
    isDeletion: true,
    versionOf: ({ version }) => version,
  });
}

export interface TokensQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The beginning of the token, in any case. */
  readonly idTag?: string | undefined;
  readonly status?: TokenStatus | undefined;
  /** In any case. */
  readonly groupId?: string | undefined;
  /** Whether there is time for another read. */
  readonly mayGoOn: () => boolean;
}

/** How many tokens one request looks at for a filter: ten Queries, some 0.5 MB. */
const MAX_LOOKED_AT = 2000;

/** Sorts behind every text with the same beginning. */
const AFTER_ALL = "\u{10ffff}";

/** A page of a network's tokens, by their lower-case form. A page of few matches ends early, with a cursor. */
export async function listTokens(
  table: Table,
  networkId: string,
  { limit, cursor, idTag, status, groupId, mayGoOn }: TokensQuery,
): Promise<CursorPage<TokenResource>> {
  const prefix = idTag?.toLowerCase();
  const group = groupId?.toLowerCase();
  const keep = (token: TokenItem): boolean =>
    (status === undefined || token.status === status) &&
    (group === undefined || token.groupId?.toLowerCase() === group);
  const isFiltered = status !== undefined || group !== undefined;
  const { items, ...page } = await readPage<TokenItem & Key & ListKey>(table, {
    partition: tokensOf(networkId),
    ...(prefix !== undefined && { from: prefix, to: `${prefix}${AFTER_ALL}` }),
    limit,
    cursor,
    ...(isFiltered && { keep, most: MAX_LOOKED_AT }),
    mayGoOn,
  });
  return { items: items.map(resourceOf), ...page };
}
