/**
 * The header Idempotency-Key: a request and its repeats have one effect and one outcome.
 *
 *     first   ─► PutItem {fingerprint, startedAtMs}, if there is none ─► the work ─► UpdateItem outcome
 *     repeat  ─► an outcome is stored: it is the response; nothing is done
 *             ─► none is stored: the first request is still running, or its function has died. The repeat does the
 *                same work under the same id and continues it (shared/commands/idempotency.ts); the outcome that
 *                is written first is the response to all of them.
 *
 * No request waits for a lock, so a function that dies blocks none. 429 and 503 are not stored: nothing was sent, and
 * Retry-After invites the repeat. 500 is not stored: the outcome is unknown.
 */

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { v5 } from "uuid";
import type { Clock } from "../clock.ts";
import type { Idempotency } from "../commands/idempotency.ts";
import { logger } from "../logger.ts";
import { Problem } from "../problems.ts";
import type { IdempotencyItem } from "../store/items.ts";
import { idempotencyKey } from "../store/keys.ts";
import { ConditionFailed, isOwnWrite, type Table } from "../store/table.ts";
import { expiresAfter } from "../time.ts";
import type { Renewals } from "./api.ts";
import type { ApiEvent, HttpResult } from "./event.ts";
import { problemResult } from "./middleware/problem-json.ts";
import { RATE_LIMIT_HEADERS } from "./rate-limit.ts";
import type { Route } from "./route.ts";

/** An item has room for 400 KB. A larger outcome is not stored; a repeat reads it from the exchanges again. */
const MAX_STORED_LENGTH = 300_000;

const NOT_KEPT: ReadonlySet<number> = new Set([429, 500, 503]);

export interface IdempotencyStore {
  /**
   * Does the work of a request with a key, or returns the stored outcome.
   *
   * @throws the problem of the work, if the problem is the outcome
   */
  respond(
    event: ApiEvent,
    key: string,
    work: (idempotency: Idempotency) => Promise<HttpResult>,
    renew?: Renewals[string],
  ): Promise<HttpResult>;
}

export function idempotencyStore(table: Table, clock: Clock): IdempotencyStore {
  /** @returns the request as it stands, and whether it came before */
  async function begin(event: ApiEvent, key: string, hash: string) {
    const fingerprint = fingerprintOf(event, key);
    for (;;) {
      const startedAtMs = clock.now();
      const now = Math.floor(startedAtMs / 1000);
      const fresh: IdempotencyItem = { fingerprint, startedAtMs, expiresAt: expiresAfter(startedAtMs, 1) };
      const isUnused = "attribute_not_exists(pk) OR expiresAt <= :now";
      try {
        await table.put({ ...idempotencyKey(hash), ...fresh }, isUnused, { values: { ":now": now } });
        return { request: fresh, isRepeat: false };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const request = error.item as IdempotencyItem | undefined;
        if (!request) continue;
        // 0.1.0 stored the hash of the request, without the key
        if (request.fingerprint !== fingerprint && request.fingerprint !== fingerprintOf(event))
          throw reused();
        return { request, isRepeat: true };
      }
    }
  }

  /** Stores an outcome, if it may be stored and is the first. @returns the outcome for all requests with the key */
  async function keep(hash: string, { startedAtMs }: IdempotencyItem, result: HttpResult, route: Route) {
    const { statusCode: status = 200, headers = {}, body } = withoutSecrets(result, route);
    if (NOT_KEPT.has(status) || (body?.length ?? 0) > MAX_STORED_LENGTH) return result;
    const lasting = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !(RATE_LIMIT_HEADERS as readonly string[]).includes(name)),
    );
    const kept = { status, headers: lasting, ...(body !== undefined && { body }) };
    try {
      await table.update({
        key: idempotencyKey(hash),
        update: "SET outcome = :outcome",
        condition: "attribute_not_exists(outcome) AND startedAtMs = :startedAtMs",
        values: {
          ":outcome": kept,
          ":startedAtMs": startedAtMs,
        },
      });
    } catch (error) {
      const isWritten = ({ outcome }: IdempotencyItem) => isDeepStrictEqual(outcome, kept);
      if (isOwnWrite(error, isWritten)) return result;
      // the work is done: the caller gets its outcome all the same
      if (!(error instanceof ConditionFailed)) logger.warn("an outcome was not kept", error as Error);
      // an outcome without its secret is for repeats only: this request returns its own
      else if (body === result.body) return resultOf(error.item as IdempotencyItem | undefined) ?? result;
    }
    return result;
  }

  return {
    async respond(event, key, work, renew) {
      const { clientId, user } = event.caller.requestedBy;
      // users of one client can belong to different networks: a key of one user repeats nothing of another
      const hash = createHash("sha256")
        .update(JSON.stringify(user === undefined ? [clientId, key] : [clientId, user, key]))
        .digest("hex");
      const { request, isRepeat } = await begin(event, key, hash);
      // the same key a day later is another request
      const id = v5(`${hash}/${request.startedAtMs}`, v5.URL);
      const before = resultOf(request);
      if (before) {
        const headers = { ...before.headers, "Idempotent-Replayed": "true" };
        return { ...(renew ? await renewed(before, id, renew) : before), headers };
      }
      const { result, problem } = await work({ id, isRepeat }).then(
        (result) => ({ result, problem: undefined }),
        (error) => {
          if (error instanceof Problem) return { result: problemResult(error, event), problem: error };
          throw error;
        },
      );
      const everybodys = await keep(hash, request, result, event.route);
      // thrown on: it is logged and counted like one of a request without a key
      if (problem && everybodys === result) throw problem;
      return everybodys;
    },
  };
}

const resultOf = (request: IdempotencyItem | undefined): HttpResult | undefined =>
  request?.outcome && {
    statusCode: request.outcome.status,
    headers: request.outcome.headers,
    ...(request.outcome.body !== undefined && { body: request.outcome.body }),
  };

/** A stored success with the members that are not stored. */
async function renewed(result: HttpResult, id: string, renew: Renewals[string]): Promise<HttpResult> {
  if ((result.statusCode ?? 200) >= 300 || result.body === undefined) return result;
  const body = JSON.parse(result.body) as Record<string, unknown>;
  return { ...result, body: JSON.stringify({ ...body, ...(await renew(id, body)) }) };
}

const reused = (): Problem =>
  new Problem(
    "idempotency-key-reused",
    "This client used the Idempotency-Key for a different request within the last 24 hours.",
  );

/** The response without what is kept nowhere. */
function withoutSecrets(result: HttpResult, { secrets = [] }: Route): HttpResult {
  if (secrets.length === 0 || result.body === undefined) return result;
  const without = JSON.stringify(JSON.parse(result.body), (name, value) =>
    secrets.includes(name) ? undefined : value,
  );
  return without === result.body ? result : { ...result, body: without };
}

/**
 * The fingerprint that distinguishes requests. The order of members in a body does not matter. A body may contain a
 * secret, such as the value of a configuration key. The fingerprint is therefore salted with the key, of which the
 * table holds only a hash: read access to the table does not allow trying values.
 */
function fingerprintOf({ routeKey, rawPath, rawQueryString, json, caller }: ApiEvent, key?: string): string {
  const sorted = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  const request = [caller.clientId, routeKey, rawPath, rawQueryString, json ?? null];
  return createHash("sha256")
    .update(JSON.stringify(key === undefined ? request : [...request, key], sorted))
    .digest("hex");
}
