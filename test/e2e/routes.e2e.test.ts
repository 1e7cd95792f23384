import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../shared/http/route.ts";
import { routes } from "../../shared/http/routes.ts";
import { scopes } from "../../shared/http/scopes.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { connectRaw, type RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const paramsOf = ({ path }: Route): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

const pathWith = ({ path }: Route, params: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] as string));

const keyOf = ({ method, path }: Route): string => `${method} ${path}`;

/** A body that the route takes, as far as its schema is concerned. */
function bodyOf({ operationId, body }: Route): object | undefined {
  const bodies: Record<string, object> = {
    changeConfigurations: { configurations: [{ key: "HeartbeatInterval", value: "300" }] },
    reset: { type: "Soft" },
    updateStation: { link: "broker" },
    updateConnector: { lock: "none" },
    setPassword: {},
  };
  const [example] = ((body as { examples?: object[] } | undefined)?.examples ?? []) as object[];
  return body ? (bodies[operationId] ?? example ?? {}) : undefined;
}

const guarded = routes.filter(({ scopes }) => scopes.length > 0);

describe("a scope", () => {
  it.each(guarded.map((route) => [keyOf(route), route] as const))("is asked for by %s", async (_, route) => {
    const params = Object.fromEntries(paramsOf(route).map((name) => [name, "x"]));
    const others = Object.keys(scopes).filter(
      (scope) => !(route.scopes as readonly string[]).includes(scope),
    );
    const call = async (token: string | null) =>
      (await relay.call(route.method, pathWith(route, params), { body: bodyOf(route), token })).status;

    expect(await call(null)).toBe(401);
    expect(await call("no.token.atall")).toBe(401);
    expect(await call(await relay.narrowToken(others.join(" ")))).toBe(403);
    for (const scope of route.scopes) {
      const status = await call(await relay.narrowToken(scope));
      expect([401, 403]).not.toContain(status);
    }
  });
});

/** What a client with a write scope alone may read if it sent it. Lists are left out: they leave out what it did not send. */
const readByTheSender = routes.filter(
  ({ method, path, scopes }) =>
    method === "GET" &&
    path.includes("{") &&
    scopes.includes("read:ocpp") &&
    scopes.some((scope) => scope.startsWith("write:")),
);

const LOG = { log: "diagnostics", location: "https://logs.example.com/" };
const FIRMWARE = { location: "https://firmware.example.com/2.bin" };

describe("a client with a write scope alone", () => {
  let station: RawStation;
  const CP = "CP-SENDER";
  const synchronous = `/remote_commands/synchronous/${CP}`;
  const asynchronous = "/remote_commands/asynchronous";
  const raw = { action: "ClearCache", assetId: CP, payload: {} };
  const bulk = { command: "reset", input: { type: "Soft" }, stations: { ids: [CP] }, offline: "skip" };
  const later = { prefer: "respond-async" };

  beforeAll(async () => {
    station = await relay.rawStation(CP, { connectors: [{ connectorId: 1 }] });
    await relay.call("PUT", "/rates/sender", { body: { currency: "EUR", priceText: "free" } });
    await relay.call("PATCH", `/stations/${CP}`, { body: { rateId: "sender" } });
  });

  /** Sends a request and answers its CALL. @returns the id of what it made */
  async function sent(path: string, body?: object, headers: Record<string, string> = {}): Promise<string> {
    const response = relay.post(path, body, { headers });
    const [, messageId] = await station.next();
    station.send([3, messageId, { status: "Accepted" }]);
    const { body: made, headers: answered } = await response;
    return (
      made?.bulkId ??
      made?.referenceId ??
      made?.id ??
      answered.get("location")?.split("/").at(-1) ??
      made?.commandId
    );
  }

  const commands: readonly [path: string, body?: object, headers?: Record<string, string>][] = [
    [`${synchronous}/reset`, { type: "Soft" }],
    [`${synchronous}/reset`, { type: "Soft" }, later],
    [`${asynchronous}/${CP}/clear_cache`],
    [`${asynchronous}/${CP}/get_log`, LOG],
    [`${asynchronous}/${CP}/update_firmware`, FIRMWARE],
    [`${asynchronous}/remote_stop`, { cpId: CP, transactionId: 1 }],
    [`${asynchronous}/remote_start_attempt`, { cpId: CP, idTag: "T" }],
    ["/ocpp/v2/raw-request", raw],
    ["/ocpp/v2/raw-request", { ...raw, async: false }],
    [`/ocpp/v2/assets/${CP}/rate-display/disable`],
  ];

  it.each(commands)("reads the command that it sent by POST %s %j %j", async (path, body, headers) => {
    const id = await sent(path, body, headers);
    const { status, body: command } = await relay.get(`/remote_commands/${encodeURIComponent(id)}`, {
      token: await relay.narrowToken("ocpp-relay/write:ocpp"),
    });
    expect([status, command.requestedBy]).toEqual([200, { clientId: "demo" }]);
  });

  it.each(readByTheSender.map((route) => [keyOf(route), route] as const))(
    "reads by %s only what it sent itself; read:ocpp reads all of the network",
    async (_, route) => {
      const made = {
        getRemoteStartAttempt: () => sent(`${asynchronous}/remote_start_attempt`, { cpId: CP, idTag: "T" }),
        getRemoteStop: () => sent(`${asynchronous}/remote_stop`, { cpId: CP, transactionId: 1 }),
        getClearCache: () => sent(`${asynchronous}/${CP}/clear_cache`),
        getGetLog: () => sent(`${asynchronous}/${CP}/get_log`, LOG),
        getUpdateFirmware: () => sent(`${asynchronous}/${CP}/update_firmware`, FIRMWARE),
        getCommand: () => sent("/ocpp/v2/raw-request", raw),
        getBulkCommand: () => sent("/remote_commands/bulk", bulk),
        listBulkResults: () => sent("/remote_commands/bulk", bulk),
      } as Readonly<Record<string, () => Promise<string>>>;
      const id = await made[route.operationId]?.();
      const path = pathWith(route, {
        cpId: CP,
        attemptId: id,
        bulkId: id,
        commandId: id,
        referenceId: id,
      } as Ids);
      const read = async (scope: string, client: "demo" | "other") =>
        (await relay.get(path, { token: await relay.narrowToken(`ocpp-relay/${scope}`, client) })).status;

      expect(route.scopes.length).toBeGreaterThan(1);
      for (const scope of route.scopes) {
        expect([scope, await read(scope, "demo")]).toEqual([scope, 200]);
        expect([scope, await read(scope, "other")]).toEqual([scope, scope === "read:ocpp" ? 200 : 404]);
      }
    },
  );

  it("may read the result of every command that its scope sends", () => {
    const sending = new Set(
      routes.flatMap(({ scopes }) => scopes.filter((scope) => scope.startsWith("write:ocpp"))),
    );
    const reading = routes.find(({ operationId }) => operationId === "getCommand");
    for (const scope of sending) expect(reading?.scopes).toContain(scope);
  });
});

/** What there is of a network: an id of each kind, by the name that routes give it. */
type Ids = Record<string, string>;

async function populate(networkId: string, token: string): Promise<Ids> {
  const identity = "CP-ISOLATED";
  const as = { token };
  const { body: station } = await relay.post(
    "/stations",
    { identity, networkId, connectors: [{ connectorId: 1 }] },
    as,
  );
  const url = `${relay.local.stationUrl}/ocpp/${networkId}/${identity}`;
  const socket: RawStation = await connectRaw(url, { identity, password: station.password });
  sockets.push(socket);
  const cpId = cpIdOf(networkId, identity);

  const cleared = await relay.post(`/remote_commands/asynchronous/${cpId}/clear_cache`, undefined, as);
  const call = await socket.next();
  socket.send([3, call[1], { status: "Accepted" }]);
  const log = relay.post(`/remote_commands/asynchronous/${cpId}/get_log`, LOG, as);
  const [, logId] = await socket.next();
  socket.send([3, logId, {}]);
  const update = relay.post(`/remote_commands/asynchronous/${cpId}/update_firmware`, FIRMWARE, as);
  const [, updateId] = await socket.next();
  socket.send([3, updateId, {}]);
  const stopped = relay.post("/remote_commands/asynchronous/remote_stop", { cpId, transactionId: 1 }, as);
  const stop = await socket.next();
  socket.send([3, stop[1], { status: "Rejected" }]);
  const attempt = await relay.post(
    "/remote_commands/asynchronous/remote_start_attempt",
    { cpId, idTag: "TAG" },
    as,
  );
  const start = await socket.next();
  socket.send([3, start[1], { status: "Rejected" }]);
  const charge = { connectorId: 1, idTag: "TAG", meterStart: 0, timestamp: "2026-06-01T12:00:00Z" };
  socket.send([2, "charge", "StartTransaction", charge]);
  await socket.next();
  const transactions = await relay.get("/transactions", as);
  await relay.call("PUT", "/rates/isolated", { body: { currency: "EUR", priceText: networkId }, token });
  await relay.call("PUT", "/tokens/isolated", { body: { status: "Accepted", note: networkId }, token });
  const webhookId = `isolated-${networkId}`;
  const webhook = { url: "http://127.0.0.1:1/", events: ["*"], enabled: false };
  await relay.call("PUT", `/webhooks/${webhookId}`, { body: webhook, token });
  const delivery = await relay.post(`/webhooks/${webhookId}/test`, undefined, as);
  const entries = await relay.get(`/stations/${cpId}/communication_log`, as);
  const connectorUuid = connectorUuidOf(cpId, 1, 1);
  return {
    cpId,
    assetId: cpId,
    connectorUuid,
    cpConnectorUuid: connectorUuid,
    commandId: cleared.body.referenceId,
    "getClearCache.referenceId": cleared.body.referenceId,
    "getGetLog.referenceId": (await log).body.referenceId,
    "getUpdateFirmware.referenceId": (await update).body.referenceId,
    "getRemoteStop.referenceId": (await stopped).body.referenceId,
    attemptId: attempt.body.id,
    entryId: entries.body.items[0].entryId,
    rateId: "isolated",
    idTag: "isolated",
    webhookId,
    deliveryId: delivery.body.deliveryId,
    id: transactions.body.items[0].id,
    networkId,
  };
}

const sockets: RawStation[] = [];
const nowhere = "0e0e0e0e-0e0e-4e0e-8e0e-0e0e0e0e0e0e";

describe("another network", () => {
  let own: Ids;
  let theirs: Ids;

  beforeAll(async () => {
    const put = (networkId: string, clients: string[]) =>
      relay.call("PUT", `/networks/${networkId}`, { body: { clients } });
    expect((await put("theirs", ["other"])).status).toBe(201);
    own = await populate("default", relay.token);
    theirs = await populate("theirs", await relay.otherToken());
    await relay.call("DELETE", "/rates/isolated");
    await relay.call("DELETE", "/tokens/isolated");
  });
  afterAll(() => Promise.all(sockets.map((socket) => socket.close({ abrupt: true }))));

  const idOf = (ids: Ids, { operationId }: Route, name: string): string =>
    (ids[`${operationId}.${name}`] ?? ids[name]) as string;
  const about = (route: Route) =>
    Object.fromEntries(paramsOf(route).map((name) => [name, idOf(own, route, name)]));
  const seen = async (route: Route, params: Ids, query = "") => {
    const { status, body } = await relay.call(route.method, pathWith(route, params) + query, {
      body: bodyOf(route),
    });
    const { instance: _, ...problem } = body ?? {};
    return { status, problem };
  };

  /** Networks themselves are the operators', who see them all; a rate, a token or a webhook that is put is made. */
  const made = ["putRate", "putToken", "putWebhook"];
  const isolated = guarded.filter(
    ({ family, operationId }) => family !== "networks" && !made.includes(operationId),
  );
  const cases = isolated.flatMap((route) =>
    paramsOf(route).map((name) => [keyOf(route), name, route] as const),
  );

  it.each(cases)("%s: {%s} is as if there were none", async (_, name, route) => {
    const params = about(route);

    const foreign = await seen(route, { ...params, [name]: idOf(theirs, route, name) });
    const unknown = await seen(route, { ...params, [name]: name === "rateId" ? "nothing" : nowhere });

    expect(foreign).toEqual(unknown);
    expect(foreign.status).toBe(404);
  });

  const named = isolated.filter(({ query }) => query && "network" in query);
  it.each(named.map((route) => [keyOf(route), route] as const))(
    "%s?network= is as if there were none",
    async (_, route) => {
      const foreign = await seen(route, about(route), "?network=theirs");
      expect(foreign).toEqual(await seen(route, about(route), "?network=nothing"));
      expect(foreign.status).toBe(404);
    },
  );

  it.each([
    ["POST", "/remote_commands/asynchronous/remote_start_attempt", { idTag: "T" }, "cpId", "cpId"],
    ["POST", "/remote_commands/asynchronous/remote_stop", { transactionId: 1 }, "cpId", "cpId"],
    ["POST", "/remote_commands/asynchronous/remote_stop", {}, "remoteStartAttemptId", "attemptId"],
    ["POST", "/ocpp/v2/raw-request", { action: "ClearCache", payload: {} }, "assetId", "cpId"],
    ["POST", "/stations", { identity: "CP-NEW" }, "networkId", "networkId"],
    ["POST", "/stations", { identity: "CP-NEW" }, "rateId", "rateId"],
  ] as const)("%s %s: %j with their %s is 404", async (method, path, rest, name, kind) => {
    const call = (id: string) => relay.call(method, path, { body: { ...rest, [name]: id } });
    const foreign = await call(theirs[kind] as string);
    const unknown = await call(kind === "cpId" || kind === "attemptId" ? nowhere : "nothing");
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(unknown.body);
  });

  it("lists none of its tokens, and overwrites none", async () => {
    const { body } = await relay.get("/tokens?limit=500");
    const networks = body.items.map(({ networkId }: { networkId: string }) => networkId);
    expect(networks.filter((networkId: string) => networkId !== "default")).toEqual([]);
    expect((await relay.call("PUT", "/tokens/isolated", { body: { status: "Blocked" } })).status).toBe(201);
    const { body: theirs } = await relay.get("/tokens/isolated", { token: await relay.otherToken() });
    expect(theirs).toMatchObject({ status: "Accepted", note: "theirs" });
  });

  it("lists nothing of it, and its rate is not overwritten", async () => {
    const { body } = await relay.get("/stations?limit=500");
    const networks = body.items.map(({ networkId }: { networkId: string }) => networkId);
    expect(new Set(networks)).toEqual(new Set(["default"]));
    await relay.call("PUT", "/rates/isolated", { body: { currency: "EUR", priceText: "ours" } });
    const { body: rate } = await relay.get("/rates/isolated", { token: await relay.otherToken() });
    expect(rate.priceText).toBe("theirs");
  });

  it("keeps stations of equal identity apart, and the limit of each network", async () => {
    const mine = await relay.get("/stations/CP-ISOLATED");
    const other = await relay.get("/stations/CP-ISOLATED", { token: await relay.otherToken() });
    expect(mine.body.cpId).toBe(own.cpId);
    expect(other.body.cpId).toBe(theirs.cpId);
    expect(mine.body.cpId).not.toBe(other.body.cpId);
  });
});

describe("a request that no route matches", () => {
  it("is a page for people at / and /docs, whose script the relay serves itself", async () => {
    const page = async (path: string) => {
      const response = await fetch(relay.local.apiUrl + path);
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    expect(await page("/")).toMatchObject({ status: 200, text: expect.stringContaining('href="/docs"') });
    const docs = await page("/docs");
    expect(docs.headers.get("content-security-policy")).toContain("script-src 'self';");
    const script = await page(String(/<script src="([^"]+)"/.exec(docs.text)?.[1]));
    expect(script.headers.get("content-encoding")).toBe("gzip");
    expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
    expect(script.text).toMatch(/^\/\*! RapiDoc [\s\S]*customElements\.define\("rapi-doc"/);
  });

  it("reaches the relay and is answered with a problem", async () => {
    const unknown = await relay.get("/nowhere", { token: null });
    expect([unknown.status, unknown.body.type]).toEqual([404, "https://ocpp-relay.dev/problems/not-found"]);
    const wrong = await relay.call("DELETE", "/stations");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });
});

describe("an id that nothing can have", () => {
  const reading = guarded.filter(
    (route) => ["GET", "DELETE"].includes(route.method) && paramsOf(route).length > 0,
  );

  it.each(reading.map((route) => [keyOf(route), route] as const))("is 404 for %s", async (_, route) => {
    for (const id of ["x".repeat(3000), "ü".repeat(600)]) {
      const params = Object.fromEntries(paramsOf(route).map((name) => [name, id]));
      expect((await relay.call(route.method, pathWith(route, params))).status).toBe(404);
    }
  });
});
