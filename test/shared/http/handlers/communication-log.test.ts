import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryIdOfIncoming, entryIdOfOutgoing } from "../../../../shared/log/entry-id.ts";
import { incomingKey, logListKey, outgoingKey } from "../../../../shared/store/keys.ts";
import { payloadText } from "../../../../shared/store/payload.ts";
import { NOW, type StationApi, startStationApi } from "../../../support/station-api.ts";
import { newStation } from "../../../support/stations.ts";

let api: StationApi;
let call: StationApi["call"];
beforeAll(async () => {
  api = await startStationApi();
  call = api.call;
});
afterAll(() => api.stop());

describe("communication log", () => {
  const { cpId } = newStation({ identity: "L1" });
  const outgoing = (n: number) => ({
    ...outgoingKey(`out${n}`, cpId),
    ...logListKey(cpId, NOW + n, entryIdOfOutgoing(`out${n}`)),
    entryId: entryIdOfOutgoing(`out${n}`),
    cpId,
    direction: "toStation",
    ocppMessageId: `out${n}`,
    commandId: `out${n}`,
    action: "Reset",
    request: payloadText({ type: "Soft" }),
    response: payloadText({ status: "Accepted" }),
    messageType: "CALL_RESULT",
    atMs: NOW + n,
    sentAtMs: NOW + n + 10,
    answeredAtMs: NOW + n + 35,
    protocol: "ocpp1.6",
    connectionId: "c",
  });
  const incoming = (n: number) => ({
    ...incomingKey(cpId, "c", String(n)),
    ...logListKey(cpId, NOW + n, entryIdOfIncoming("c", String(n))),
    entryId: entryIdOfIncoming("c", String(n)),
    cpId,
    direction: "fromStation",
    ocppMessageId: String(n),
    action: n === 1 ? "BootNotification" : "Heartbeat",
    request: payloadText({}),
    response: payloadText({}),
    messageType: "CALL_RESULT",
    atMs: NOW + n,
    answeredAtMs: NOW + n,
    violations: [{ pointer: "/a", detail: "is required" }],
  });

  beforeAll(async () => {
    await api.table.put(newStation({ identity: "L1" }));
    await api.table.put(newStation({ identity: "L2" }));
    const entries = Array.from({ length: 600 }, (_, n) => (n % 100 === 0 ? outgoing(n) : incoming(n)));
    for (const entry of entries) await api.table.put(entry);
  });

  const list = (query: Record<string, string> = {}, remainingMs = 28_000) =>
    call("listCommunicationLog", { params: { cpId }, query, remainingMs });
  const ids = (body: { items: { ocppMessageId: string }[] }) => body.items.map((e) => e.ocppMessageId);
  const at = (n: number) => new Date(NOW + n).toISOString();

  it("is newest first, 50 at a time", async () => {
    const { body } = await list();
    expect(ids(body)).toEqual(Array.from({ length: 50 }, (_, n) => String(599 - n)));
    expect(ids((await list({ cursor: body.nextCursor, limit: "1" })).body)).toEqual(["549"]);
  });

  it("shows an exchange either way", async () => {
    const [call, ours] = (await list({ from: at(500), to: at(501) })).body.items;
    expect(call).toEqual({
      entryId: entryIdOfIncoming("c", "501"),
      cpId,
      at: at(501),
      direction: "fromStation",
      ocppMessageId: "501",
      action: "Heartbeat",
      request: {},
      response: {},
      messageType: "CALL_RESULT",
      durationMs: 0,
      violations: [{ pointer: "/a", detail: "is required" }],
    });
    expect(ours).toEqual({
      entryId: entryIdOfOutgoing("out500"),
      cpId,
      at: at(500),
      direction: "toStation",
      ocppMessageId: "out500",
      action: "Reset",
      request: { type: "Soft" },
      response: { status: "Accepted" },
      messageType: "CALL_RESULT",
      durationMs: 25,
      protocol: "ocpp1.6",
      connectionId: "c",
      commandId: "out500",
    });
  });

  it("fills its pages behind a filter", async () => {
    const { body } = await list({ direction: "toStation", limit: "4" });
    expect(ids(body)).toEqual(["out500", "out400", "out300", "out200"]);
    const rest = await list({ direction: "toStation", limit: "4", cursor: body.nextCursor });
    expect(ids(rest.body)).toEqual(["out100", "out0"]);
    expect(ids((await list({ action: "BootNotification" })).body)).toEqual(["1"]);
    expect((await list({ action: "Reset", direction: "fromStation" })).body).toEqual({ items: [] });
  });

  it("gives what it has found when its time is up, and a cursor to go on", async () => {
    const { body } = await list({ action: "BootNotification" }, 2000);
    expect(body).toEqual({ items: [], nextCursor: expect.any(String) });
    expect(ids((await list({ action: "BootNotification", cursor: body.nextCursor })).body)).toEqual(["1"]);
  });

  it.each([
    [{ from: "yesterday" }, "from"],
    [{ to: "2026-13-01T00:00:00Z" }, "to"],
    [{ from: at(2), to: at(1) }, "to"],
    [{ direction: "up" }, "direction"],
    [{ limit: "501" }, "limit"],
    [{ cursor: "x" }, "cursor"],
  ])("refuses %j and names the parameter", async (query, parameter) => {
    const { status, body } = await list(query as unknown as Record<string, string>);
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ parameter, detail: expect.any(String) }]);
  });

  it("takes a cursor of the same station and span only", async () => {
    const { body } = await list({ from: at(0), to: at(300), limit: "1" });
    expect((await list({ from: at(400), cursor: body.nextCursor })).status).toBe(400);
    const elsewhere = { params: { cpId: "L2" }, query: { cursor: body.nextCursor } };
    expect((await call("listCommunicationLog", elsewhere)).status).toBe(400);
  });

  it("is read entry by entry", async () => {
    const read = (entryId: string, station = cpId) =>
      call("getLogEntry", { params: { cpId: station, entryId } });
    expect((await read(entryIdOfOutgoing("out500"))).body).toMatchObject({ ocppMessageId: "out500" });
    expect((await read(entryIdOfIncoming("c", "501"))).body).toMatchObject({ ocppMessageId: "501" });
    expect((await read(entryIdOfIncoming("c", "501"), "L2")).status).toBe(404);
    expect((await read(entryIdOfOutgoing("none"))).status).toBe(404);
    expect((await read("garbage")).status).toBe(404);
  });
});
