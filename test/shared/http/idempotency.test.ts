import { ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiResponse, createApi } from "../../../shared/http/api.ts";
import { idempotencyStore } from "../../../shared/http/idempotency.ts";
import type { Route } from "../../../shared/http/route.ts";
import { logger } from "../../../shared/logger.ts";
import { count } from "../../../shared/metrics.ts";
import { Problem } from "../../../shared/problems.ts";
import { httpEvent } from "../../support/api.ts";
import { startTable, type TestTable } from "../../support/table.ts";

vi.mock("../../../shared/metrics.ts", { spy: true });

const route = {
  operationId: "touch",
  method: "POST",
  path: "/touch",
  scopes: ["write:ocpp"],
  summary: "Touch",
  headers: { "idempotency-key": { type: "string" } },
  responses: { 204: { description: "", schema: null } },
  problems: [],
} as const satisfies Route;

const context = { getRemainingTimeInMillis: () => 20_000 } as Context;
const clock = { now: () => Date.now(), sleep: async () => {} };

let store: TestTable;
let key = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  key++;
  vi.mocked(count).mockClear();
  vi.spyOn(logger, "info");
  vi.spyOn(logger, "error");
});
afterEach(() => vi.restoreAllMocks());

/** The API as the same key finds it each time. */
function api(touch: () => Promise<ApiResponse>) {
  const { table } = store;
  const handle = createApi(
    [route],
    { touch },
    { table, scopePrefix: "", idempotencyStore: idempotencyStore(table, clock) },
  );
  return () => handle(httpEvent(route, { headers: { "idempotency-key": `key-${key}` } }), context);
}

const logged = () =>
  vi
    .mocked(logger.info)
    .mock.calls.filter(([message]) => message === "request")
    .map(([, about]) => {
      const { status, problem } = about as Record<string, unknown>;
      return { status, problem };
    });

describe("the log line of a request with an Idempotency-Key", () => {
  it("names the problem, of the first one and of its repeats, which get the same", async () => {
    const call = api(async () => {
      throw new Problem(
        "connection-lost",
        "It is gone.",
        { ocppMessageId: "m1" },
        { headers: { Location: "/x" } },
      );
    });

    const first = await call();
    const again = await call();

    expect(first).toMatchObject({ statusCode: 502, headers: { Location: "/x" } });
    expect(again).toEqual({ ...first, headers: { ...first.headers, "Idempotent-Replayed": "true" } });
    const line = { status: 502, problem: "connection-lost" };
    expect(logged()).toEqual([line, line]);
    expect(count).not.toHaveBeenCalledWith("internalErrors");
  });

  it("names the problem that a faster repeat has met", async () => {
    const faster = api(async () => {
      throw new Problem("station-timeout", "Too late.");
    });
    const slower = api(async () => {
      await faster();
      throw new Problem("connection-lost", "It is gone.");
    });

    expect(await slower()).toMatchObject({ statusCode: 504 });

    const line = { status: 504, problem: "station-timeout" };
    expect(logged()).toEqual([line, line]);
  });

  it("names no problem where there was none", async () => {
    const call = api(async () => ({ status: 204 }));

    await call();
    await call();

    const line = { status: 204, problem: "none" };
    expect(logged()).toEqual([line, line]);
  });
});

describe("what goes wrong inside, with an Idempotency-Key", () => {
  it.each([
    ["unexpectedly", new Error("broken")],
    ["and is known", new Problem("internal", "API Gateway refused the message; it was not sent.")],
  ])("%s, is logged with its stack and counted, once", async (_, error) => {
    const call = api(() => Promise.reject(error));

    expect(await call()).toMatchObject({ statusCode: 500 });

    expect(logged()).toEqual([{ status: 500, problem: "internal" }]);
    expect(vi.mocked(logger.error).mock.calls).toEqual([["internal", error]]);
    expect(vi.mocked(count).mock.calls).toEqual([["internalErrors"]]);
  });
});

describe("what is kept of a request with an Idempotency-Key", () => {
  it("is a hash that does not allow trying values without the key", async () => {
    const kept = async () => {
      const { Items = [] } = await store.client.send(new ScanCommand({ TableName: store.name }));
      return Items.map(({ fingerprint }) => fingerprint?.S).filter((text) => text !== undefined);
    };
    const before = await kept();

    for (let n = 0; n < 2; n++, key++) await api(async () => ({ status: 204 }))();

    const [one, other, ...more] = (await kept()).filter((fingerprint) => !before.includes(fingerprint));
    expect([typeof one, more]).toEqual(["string", []]);
    expect(other).not.toBe(one);
  });
});

describe("an Idempotency-Key of a user", () => {
  it("repeats nothing of another user of the same client", async () => {
    const { table } = store;
    const touch = vi.fn(async () => ({ status: 204 }));
    const handle = createApi(
      [route],
      { touch },
      { table, scopePrefix: "", idempotencyStore: idempotencyStore(table, clock) },
    );
    const callAs = (username: string) => {
      const event = httpEvent(route, { headers: { "idempotency-key": `key-${key}` } });
      const claims = { ...event.requestContext.authorizer?.jwt.claims, username };
      const jwt = { claims: { ...claims, "cognito:groups": "[network:default role:operator]" } };
      return handle({ ...event, requestContext: { ...event.requestContext, authorizer: { jwt } } }, context);
    };

    for (const user of ["ann", "bob", "ann"]) expect(await callAs(user)).toMatchObject({ statusCode: 204 });

    expect(touch).toHaveBeenCalledTimes(2);
  });
});
