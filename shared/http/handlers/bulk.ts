import { acceptBulk, invalid, matchingStations } from "../../bulk/accept.ts";
import { close, end } from "../../bulk/head.ts";
import { bulkRoutes } from "../../bulk/names.ts";
import { bulkResource, failedStations, findBulk, listBulks, listResults } from "../../bulk/resource.ts";
import type { BulkDeps } from "../../bulk/snapshot.ts";
import { cpIdOf, isUuid } from "../../ids.ts";
import { newNetwork } from "../../limits/semaphore.ts";
import { Problem } from "../../problems.ts";
import { parseDateTime } from "../../schema/date-time.ts";
import { type BulkInputItem, type BulkItem, bulkInputKey } from "../../store/bulk.ts";
import type { NetworkItem } from "../../store/items.ts";
import { networkKey } from "../../store/keys.ts";
import { payloadOf } from "../../store/payload.ts";
import { DAY_MS } from "../../time.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import { refuseTwoConnectors } from "../connector-names.ts";
import { readBody } from "../middleware/validate-request.ts";
import type { bulkCommandRoutes } from "../routes/bulk.ts";
import { READ_MS } from "../search-of.ts";

type Deps = Pick<BulkDeps, "table" | "clock" | "logDays" | "newId" | "queue">;

const MAX_WAIT_MS = 7 * DAY_MS;
const DEFAULT_WAIT_MS = DAY_MS;

/** What serves the routes of bulk commands. */
export function bulkHandlers(deps: Deps): Handlers<typeof bulkCommandRoutes> {
  const { table, clock } = deps;

  const accepted = (bulk: BulkItem): ApiResponse => ({
    status: 202,
    headers: { Location: `/remote_commands/bulk/${bulk.bulkId}` },
    body: bulkResource(bulk),
  });

  return {
    createBulkCommand: async ({ body, query, caller, idempotency }) => {
      const { command, stations, parallel, offline, expiresAt, stopAfterFailures } = body;
      const input = checkedInput(command, body.input ?? {});
      const now = clock.now();
      const expiresAtMs = checkedExpiry(offline ?? "skip", expiresAt, now);
      const { ids, filter } = stations;
      if ((ids === undefined) === (filter === undefined))
        throw invalid("/stations", "must have either ids or filter");
      const networkId = await caller.networkFor(query.network);
      const cpIds =
        filter === undefined
          ? [...new Set(ids?.map((id) => (isUuid(id) ? id.toLowerCase() : cpIdOf(networkId, id))))]
          : await matchingStations(table, networkId, { filter, now });
      const bulk = await acceptBulk(deps, {
        bulkId: idempotency?.id ?? deps.newId(),
        networkId,
        command,
        input,
        cpIds,
        limit: await limitOf(networkId),
        parallel,
        offline: offline ?? "skip",
        expiresAtMs,
        stopAfterFailures,
        requestedBy: caller.requestedBy,
      });
      return accepted(bulk);
    },

    listBulkCommands: async ({ query: { network, limit, cursor }, caller, remainingMs }) => {
      const networkId = await caller.networkFor(network);
      const mayGoOn = () => remainingMs() > READ_MS;
      const reader = await caller.reader();
      return { status: 200, body: await listBulks(table, { networkId, limit, cursor, reader, mayGoOn }) };
    },

    getBulkCommand: async ({ params, caller }) => ({
      status: 200,
      body: bulkResource(await findBulk(table, params.bulkId, await caller.reader())),
    }),

    listBulkResults: async ({ params, query: { outcome, limit, cursor }, caller }) => {
      const bulk = await findBulk(table, params.bulkId, await caller.reader());
      const { items, next } = await listResults(table, bulk, { outcome, limit, after: positionOf(cursor) });
      return { status: 200, body: { items, ...(next !== undefined && { nextCursor: cursorOf(next) }) } };
    },

    cancelBulkCommand: async ({ params, caller }) => {
      const reader = { networks: await caller.networks() };
      const { bulkId } = await findBulk(table, params.bulkId, reader);
      await end(table, bulkId, "cancelled");
      await close(table, bulkId, clock.now());
      return { status: 200, body: bulkResource(await findBulk(table, bulkId, reader)) };
    },

    retryBulkCommand: async ({ params, caller, idempotency }) => {
      const before = await findBulk(table, params.bulkId, { networks: await caller.networks() });
      const { networkId, command, parallel, offline, failureLimit, total } = before;
      const stored = await table.get<BulkInputItem>(bulkInputKey(before.bulkId));
      if (!stored) throw new Problem("not-found", "The input of the bulk command is not stored any more.");
      const now = clock.now();
      const bulk = await acceptBulk(deps, {
        bulkId: idempotency?.id ?? deps.newId(),
        networkId,
        command,
        input: payloadOf<object>(stored.input),
        cpIds: await failedStations(table, before),
        limit: await limitOf(networkId),
        parallel,
        offline,
        expiresAtMs: checkedExpiry(offline, undefined, now),
        ...(failureLimit <= total && { stopAfterFailures: failureLimit }),
        requestedBy: caller.requestedBy,
      });
      return accepted(bulk);
    },
  };

  async function limitOf(networkId: string): Promise<number> {
    const network = await table.get<NetworkItem>(networkKey(networkId));
    return (network ?? newNetwork(networkId)).parallelRequests;
  }
}

/** @throws Problem `invalid-request` where the command's own route would not take it */
function checkedInput(command: string, input: object): object {
  const { body: schema } = bulkRoutes[command] ?? {};
  const { body, errors } = readBody(schema ?? {}, input);
  if (errors.length > 0)
    throw new Problem("invalid-request", "The input violates the schema of the command; see `errors`.", {
      errors: errors.map((error) =>
        "pointer" in error ? { ...error, pointer: `/input${error.pointer}` } : error,
      ),
    });
  refuseTwoConnectors(body as object);
  return body as object;
}

function checkedExpiry(
  offline: "skip" | "wait",
  expiresAt: string | undefined,
  now: number,
): number | undefined {
  if (offline === "skip") {
    if (expiresAt !== undefined) throw invalid("/expiresAt", "must be absent unless offline is wait");
    return undefined;
  }
  const ms = expiresAt === undefined ? now + DEFAULT_WAIT_MS : (parseDateTime(expiresAt) ?? 0);
  if (ms <= now) throw invalid("/expiresAt", "is in the past");
  if (ms > now + MAX_WAIT_MS) throw invalid("/expiresAt", "is more than 7 days ahead");
  return ms;
}

const cursorOf = (next: number): string => Buffer.from(`results ${next}`).toString("base64url");

/** @throws Problem `invalid-request` */
function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const n = /^results (\d{1,5})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (n !== undefined) return Number(n);
  const errors = [{ parameter: "cursor", detail: "is not a nextCursor of this list" }];
  throw new Problem("invalid-request", "The cursor does not belong to this list.", { errors });
}
