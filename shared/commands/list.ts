import { storedCallCount } from "../calls/exchange.ts";
import { callIdOf } from "../calls/ids.ts";
import type { ExchangeState, OutgoingItem } from "../store/items.ts";
import { commandsOfNetwork, type Key, type ListKey, logOf, outgoingKey } from "../store/keys.ts";
import { type CursorPage, getAll, readPage } from "../store/page.ts";
import { searchPage } from "../store/search.ts";
import { boundsOf, type Span } from "../store/span.ts";
import type { Table } from "../store/table.ts";
import { type CommandResource, commandResource } from "./resource.ts";

export type CommandSummary = Omit<CommandResource, "calls">;

export interface CommandSearch extends Span {
  readonly networkId: string;
  readonly cpId?: string | undefined;
  readonly command?: string | undefined;
  readonly state?: ExchangeState | undefined;
  readonly bulkId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly mayGoOn: () => boolean;
  readonly now: number;
}

/** How many log entries of a station one request looks at. */
const MAX_LOOKED_AT = 2000;

/**
 * A page of the commands of a station or of a network, by when they were sent or queued, newest first. A command
 * appears without its CALLs: 500 of them would exceed what a function may return.
 */
export async function listCommands(
  table: Table,
  { networkId, cpId, command, state, bulkId, from, to, now, ...others }: CommandSearch,
): Promise<CursorPage<CommandSummary>> {
  const isWanted = (item: OutgoingItem) =>
    item.networkId === networkId &&
    item.direction === "toStation" &&
    item.commandId === item.ocppMessageId &&
    (command === undefined || item.command === command) &&
    (bulkId === undefined || item.bulkId === bulkId);
  const rowsOf = async (items: readonly OutgoingItem[]) => {
    const wanted = items.map((item) => (isWanted(item) ? item : undefined));
    const rows = await summariesOf(
      table,
      wanted.filter((item) => item !== undefined),
      now,
    );
    return wanted.map((item) => {
      const row = item && rows.get(item);
      return row && (state === undefined || row.state === state) ? row : undefined;
    });
  };
  const page = { ...boundsOf({ from, to }), ...others };
  if (cpId === undefined)
    return searchPage(table, { partitions: [commandsOfNetwork(networkId)], ...page }, rowsOf);
  const { items, ...rest } = await readPage<OutgoingItem & Key & ListKey>(table, {
    partition: logOf(cpId),
    newestFirst: true,
    ...page,
    keep: (item) => isWanted(item) && (storedCallCount(item) > 1 || isIn(item, state, now)),
    most: MAX_LOOKED_AT,
  });
  return { ...rest, items: (await rowsOf(items)).filter((row) => row !== undefined) };
}

const isIn = (item: OutgoingItem, state: ExchangeState | undefined, now: number): boolean =>
  state === undefined || commandResource([item], now).state === state;

/** The state of a command with several CALLs is known from all of them. */
async function summariesOf(
  table: Table,
  firsts: readonly OutgoingItem[],
  now: number,
): Promise<Map<OutgoingItem, CommandSummary>> {
  const othersOf = (first: OutgoingItem) =>
    Array.from({ length: storedCallCount(first) - 1 }, (_, n) =>
      outgoingKey(callIdOf(first.commandId, n + 1), first.cpId),
    );
  const read = await getAll<OutgoingItem & Key>(table, firsts.flatMap(othersOf));
  const byId = new Map(read.map((call) => [`${call.pk} ${call.sk}`, call]));
  return new Map(
    firsts.map((first) => {
      const others = othersOf(first).map(({ pk, sk }) => byId.get(`${pk} ${sk}`));
      const { calls: _, ...summary } = commandResource(
        [first, ...others.filter((call) => call !== undefined)],
        now,
      );
      return [first, summary];
    }),
  );
}
