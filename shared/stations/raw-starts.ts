/**
 * Remote starts by raw request. No attempt knows of them, so the station's item carries their tokens: a network that
 * authorizes remote starts only must know them.
 */

import type { StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";

/** How long a driver has to plug in, as with an attempt that names no `validUntil`. */
const VALID_MS = 10 * 60_000;

/** As many entries are kept, of 0.1 KB each; beyond, the oldest is dropped. */
const MAX_STARTS = 50;

/** As many entries that are over are left to be removed by one write. */
const MAX_OVER = 5;

/** A CALL, or its exchange, that may start a charge. */
export interface StartCall {
  readonly messageId: string;
  readonly requestedAtMs: number;
  readonly action: string;
  readonly payload: unknown;
}

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null ? (value as Members) : {};

/** What the station's transaction will name. */
interface Start {
  readonly token: string;
  /** OCPP 2.x. */
  readonly remoteStartId?: number | undefined;
}

/** What a CALL starts a charge with; the payload may break its schema. */
function startIn({ action, payload }: StartCall): Start | undefined {
  const { idTag, idToken, remoteStartId } = membersOf(payload);
  const tokens: Members = {
    RemoteStartTransaction: idTag,
    RequestStartTransaction: membersOf(idToken).idToken,
  };
  const token = Object.hasOwn(tokens, action) ? tokens[action] : undefined;
  if (typeof token !== "string") return undefined;
  return { token, ...(Number.isSafeInteger(remoteStartId) && { remoteStartId: remoteStartId as number }) };
}

/**
 * An entry: until when it is valid, the CALL, the remoteStartId, the token. It follows from the CALL, so that it can be
 * removed.
 */
const entryOf = ({ requestedAtMs, messageId }: StartCall, { token, remoteStartId }: Start): string =>
  `${requestedAtMs + VALID_MS} ${encodeURIComponent(messageId)} ${remoteStartId ?? "-"} ${token}`;

const ENTRY = /^(\d+) \S* (\S+) (.*)$/s;

function read(entry: string): Start & { readonly validUntilMs: number } {
  const [, validUntil, remoteStartId, token = ""] = ENTRY.exec(entry) ?? [];
  return {
    validUntilMs: Number(validUntil),
    token,
    ...(remoteStartId !== "-" && { remoteStartId: Number(remoteStartId) }),
  };
}

/** 1.6 §6.17: tokens have no case. */
const isSame = (one: string, another: string): boolean => one.toLowerCase() === another.toLowerCase();

/**
 * Stores the token of a raw remote start before its CALL goes out: the station's Authorize may come before its answer.
 *
 * @returns how to remove it again, where the CALL was not sent; undefined for any other CALL
 */
export async function expectStart(
  table: Table,
  { cpId, rawStarts }: StationItem,
  call: StartCall,
  now: number,
): Promise<(() => Promise<void>) | undefined> {
  const start = startIn(call);
  if (!start) return undefined;
  const known = [...(rawStarts ?? [])].sort();
  const over = known.filter((entry) => read(entry).validUntilMs <= now);
  const valid = known.slice(over.length);
  const excess = valid.slice(0, Math.max(0, valid.length + 1 - MAX_STARTS));
  if (over.length > MAX_OVER || excess.length > 0) await remove(table, cpId, [...over, ...excess]);
  await change(table, cpId, "ADD", [entryOf(call, start)]);
  return () => remove(table, cpId, [entryOf(call, start)]);
}

/** Removes the token of a raw remote start that the station refused. */
export async function forgetStart(table: Table, cpId: string, call: StartCall): Promise<void> {
  const start = startIn(call);
  if (start) await remove(table, cpId, [entryOf(call, start)]);
}

/**
 * The token of the raw remote start that a charge comes of: the one with its remoteStartId, or with its token.
 *
 * @returns undefined if there is none, or if it is over
 */
export function rawTokenOf(
  { rawStarts }: StationItem,
  { token, remoteStartId }: { readonly [Name in keyof Start]?: Start[Name] | undefined },
  now: number,
): string | undefined {
  const valid = [...(rawStarts ?? [])].map(read).filter(({ validUntilMs }) => now < validUntilMs);
  const found =
    valid.find((start) => remoteStartId !== undefined && start.remoteStartId === remoteStartId) ??
    valid.find((start) => token !== undefined && isSame(start.token, token));
  return found?.token;
}

/** Whether a token may charge because it was started with from here, by an attempt or a raw request. */
export const isRemotelyStarted = (station: StationItem, token: string, now: number): boolean =>
  Object.values(station.openAttempts).some(
    ({ idTag, transactionId, validUntilMs }) =>
      isSame(idTag, token) && (transactionId !== undefined || now < validUntilMs),
  ) ||
  rawTokenOf(station, { token }, now) !== undefined ||
  Object.values(station.charges ?? {}).some(
    ({ rawToken }) => rawToken !== undefined && isSame(rawToken, token),
  );

const remove = (table: Table, cpId: string, entries: readonly string[]): Promise<void> =>
  change(table, cpId, "DELETE", entries);

async function change(
  table: Table,
  cpId: string,
  verb: "ADD" | "DELETE",
  entries: readonly string[],
): Promise<void> {
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: `${verb} rawStarts :entries`,
      condition: "attribute_exists(pk)",
      values: { ":entries": new Set(entries) },
    }),
  );
}
