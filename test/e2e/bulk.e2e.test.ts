import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectStation } from "../../local/stations/station.ts";
import { cpIdOf } from "../../shared/ids.ts";
import type { StationItem } from "../../shared/store/items.ts";
import { stationKey } from "../../shared/store/keys.ts";
import { CrowdStation, type Manner } from "../support/crowd.ts";
import { killInTheMiddle, type MortalRelay } from "../support/killed-relay.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const ROOT = "/remote_commands/bulk";

const send = async (body: object) => {
  const answer = await relay.post(ROOT, body);
  expect(answer).toMatchObject({ status: 202 });
  expect(answer.headers.get("location")).toBe(`${ROOT}/${answer.body.bulkId}`);
  return answer.body.bulkId as string;
};
const read = async (bulkId: string) => (await relay.get(`${ROOT}/${bulkId}`)).body;
const ended = (bulkId: string) =>
  until(async () => {
    const bulk = await read(bulkId);
    return bulk.completedAt !== undefined && bulk;
  });
const results = async (bulkId: string, query = "") =>
  (await relay.get(`${ROOT}/${bulkId}/results${query}`)).body.items;

/** The counts say "waiting" also of a station whose turn has not come. */
const waitsForConnection = async (identity: string) => {
  const station = await relay.table.get<StationItem>(stationKey(cpIdOf("default", identity)));
  return station?.waitingBulks !== undefined;
};

describe("a bulk command", () => {
  it("is sent to three stations of both generations, each with its result and its command", async () => {
    const identities = ["bulk-1", "bulk-2", "bulk-3"];
    await Promise.all([
      relay.station("bulk-1", { protocol: "ocpp1.6" }),
      relay.station("bulk-2", { protocol: "ocpp2.0.1" }),
      relay.station("bulk-3", {
        protocol: "ocpp2.1",
        handlers: { Reset: () => ({ status: "Rejected" }) },
      }),
    ]);
    const bulkId = await send({ command: "reset", input: { type: "Soft" }, stations: { ids: identities } });

    const bulk = await ended(bulkId);
    const [first, , third] = await results(bulkId);
    const command = await relay.get(`/remote_commands/${first.commandId}`);
    const listed = await relay.get(`/remote_commands?bulkId=${bulkId}`);

    expect(bulk).toMatchObject({
      command: "reset",
      state: "completed",
      counts: { total: 3, waiting: 0, running: 0, accepted: 2, refused: 1, failed: 0, cancelled: 0 },
      requestedBy: { clientId: "demo" },
    });
    expect(first).toMatchObject({ outcome: "accepted", status: "Accepted" });
    expect(third).toMatchObject({ outcome: "refused", status: "Rejected" });
    expect(command.body).toMatchObject({ state: "answered", requestedBy: { clientId: "demo" } });
    expect(listed.body.items).toHaveLength(3);
    expect((await relay.get(ROOT)).body.items[0]).toMatchObject({ bulkId, state: "completed" });
    expect((await relay.get("/networks/default")).body.inUse).toBe(0);
  });

  it("skips a station that is offline, and fails at one that does not exist", async () => {
    await relay.station("bulk-0");
    await relay.register("bulk-4");
    const bulkId = await send({
      command: "clear_cache",
      stations: { ids: ["bulk-0", "bulk-4", "nowhere"] },
      stopAfterFailures: 2,
    });

    const { state, counts } = await ended(bulkId);
    const failed = await results(bulkId, "?outcome=failed");

    expect(state).toBe("completed");
    expect(counts).toMatchObject({ total: 3, waiting: 0, running: 0, accepted: 1, failed: 1, skipped: 1 });
    expect(failed).toMatchObject([{ problem: { type: "https://ocpp-relay.dev/problems/not-found" } }]);
  });

  it("waits for a station that is offline, and is sent when the station connects", async () => {
    const password = await relay.register("bulk-5");
    const bulkId = await send({ command: "clear_cache", stations: { ids: ["bulk-5"] }, offline: "wait" });
    await until(() => waitsForConnection("bulk-5"));
    const station = await connectStation({
      url: `${relay.local.stationUrl}/ocpp`,
      identity: "bulk-5",
      password,
      stepMs: 10,
    });

    const { state, counts } = await ended(bulkId);
    await station.close();

    expect(state).toBe("completed");
    expect(counts).toMatchObject({ total: 1, waiting: 0, running: 0, accepted: 1 });
  });

  it("skips at its expiry what is offline still", async () => {
    await relay.register("bulk-6");
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    const body = { command: "clear_cache", stations: { ids: ["bulk-6"] }, offline: "wait", expiresAt };
    const bulkId = await send(body);
    await until(() => waitsForConnection("bulk-6"));
    relay.local.advanceClock(601_000);

    expect((await ended(bulkId)).counts).toMatchObject({ total: 1, waiting: 0, skipped: 1 });
  });

  it("is cancelled at the stations that were not sent it", async () => {
    await relay.register("bulk-7");
    const bulkId = await send({ command: "clear_cache", stations: { ids: ["bulk-7"] }, offline: "wait" });
    await until(() => waitsForConnection("bulk-7"));
    const { status, body } = await relay.call("DELETE", `${ROOT}/${bulkId}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "cancelled", counts: { waiting: 0 } });
    // its worker may have been at the station at that moment
    await until(async () => (await read(bulkId)).counts.cancelled === 1);
    expect(await results(bulkId)).toMatchObject([{ outcome: "cancelled" }]);
  });

  it("is sent again where it failed", async () => {
    const bulkId = await send({ command: "clear_cache", stations: { ids: ["nowhere"] } });
    await ended(bulkId);
    const again = await relay.post(`${ROOT}/${bulkId}/retry`);

    expect(again).toMatchObject({ status: 202, body: { command: "clear_cache", counts: { total: 1 } } });
    expect((await ended(again.body.bulkId)).counts).toMatchObject({ total: 1, failed: 1 });
  });

  it("is sent once to each station whose function is killed in the middle", async () => {
    let calls = 0;
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    const handlers = {
      ClearCache: async () => {
        calls += 1;
        await gate;
        return { status: "Accepted" };
      },
    };
    await Promise.all(["bulk-8", "bulk-9"].map((identity) => relay.station(identity, { handlers })));
    const bulkId = await send({ command: "clear_cache", stations: { ids: ["bulk-8", "bulk-9"] } });
    await until(() => calls === 2);
    await relay.local.killEnvironments("bulk-run");
    expect((await read(bulkId)).counts).toMatchObject({ running: 2, accepted: 0 });
    release();
    // the visibility timeout of the queue
    relay.local.advanceClock(361_000);

    expect((await ended(bulkId)).counts).toMatchObject({ total: 2, running: 0 });
    expect(calls).toBe(2);
  });
});

/** The network's stations need no password, and it runs as many commands as the machine can. */
const openNetwork = { allowUnauthenticatedStations: true, parallelRequests: 20 };
const openStation = (identity: string, about: object = {}) => ({
  identity,
  auth: { type: "none" },
  ...about,
});

interface Row {
  readonly outcome: string;
  readonly commandId?: string;
  readonly problem?: { readonly type: string };
}

function expectCountsOf(rows: readonly Row[], counts: Readonly<Record<string, number>>): void {
  const { total, ...parts } = counts;
  expect(total).toBe(rows.length);
  const counted = Object.keys(parts).map((outcome) => [
    outcome,
    rows.filter((row) => row.outcome === outcome).length,
  ]);
  expect(Object.fromEntries(counted)).toEqual(parts);
}

describe("a bulk command to 60 stations", () => {
  it("reaches none twice and accounts for each, however they misbehave", async () => {
    const manners: Record<Manner, number> = {
      ...{ accepts: 6, refuses: 6, errs: 5, silent: 4, late: 4, twice: 5, garbage: 4, wrongStatus: 3 },
      ...{ hangsUp: 5, reconnects: 5 },
    };
    const crowd = Object.entries(manners).flatMap(([manner, count]) =>
      Array.from({ length: count }, (_, n) => new CrowdStation(`crowd-${manner}-${n}`, manner as Manner)),
    );
    const legacy = [0, 1, 2].map((n) => new CrowdStation(`crowd-legacy-${n}`, "silent"));
    const locked = [0, 1].map((n) => new CrowdStation(`crowd-locked-${n}`, "accepts"));
    const offline = [0, 1, 2, 3].map((n) => new CrowdStation(`crowd-offline-${n}`, "accepts"));
    const known = [...crowd, ...legacy, ...locked, ...offline];
    await relay.call("PATCH", "/networks/default", { body: openNetwork });
    for (const { identity } of [...crowd, ...offline]) await relay.post("/stations", openStation(identity));
    for (const { identity } of legacy)
      await relay.post("/stations", openStation(identity, { link: "legacy" }));
    for (const { identity } of locked)
      await relay.post("/stations", openStation(identity, { lock: "permanent" }));
    const token = await relay.otherToken();
    await relay.call("PUT", "/networks/crowd-other", {
      body: { name: "other", clients: ["other"], allowUnauthenticatedStations: true },
    });
    const foreign = await relay.post("/stations", openStation("crowd-foreign"), { token });
    expect(foreign.status).toBe(201);
    for (const station of [...crowd, ...legacy, ...locked])
      await station.connect(`${relay.local.stationUrl}/ocpp`);
    const ids = [...known.map(({ identity }) => identity), "crowd-nowhere", foreign.body.cpId];
    const body = { command: "reset", input: { type: "Soft" }, stations: { ids }, parallel: 12 };
    const bulkId = await send(body);

    // only those that never answer are left: from here on the clock may run
    await until(async () => {
      const { counts } = await read(bulkId);
      return counts.waiting === 0 && counts.running <= manners.silent + manners.late;
    });
    relay.local.advanceClock(26_000);
    const { counts, state } = await ended(bulkId);
    for (const station of known) if (station.manner === "late") station.answerLate();
    const rows: Row[] = await results(bulkId, "?limit=500");
    for (const station of known) station.close();

    expect(state).toBe("completed");
    expectCountsOf(rows, counts);
    const outcomes: Record<string, string> = {
      ...{ accepts: "accepted", refuses: "refused", errs: "failed", silent: "failed", late: "failed" },
      ...{ twice: "accepted", garbage: "failed", wrongStatus: "failed" },
      ...{
        hangsUp: "unknown",
        reconnects: "unknown",
        legacy: "unknown",
        locked: "accepted",
        offline: "skipped",
      },
    };
    for (const [n, { identity, calls }] of known.entries()) {
      const kind = identity.split("-")[1] ?? "";
      expect({ identity, outcome: rows[n]?.outcome, calls: calls.length }).toEqual({
        identity,
        outcome: outcomes[kind],
        calls: kind === "offline" ? 0 : 1,
      });
      if (kind !== "offline") expect(rows[n]?.commandId).toBe(calls[0]);
    }
    const notFound = { outcome: "failed", problem: { type: "https://ocpp-relay.dev/problems/not-found" } };
    expect(rows.slice(known.length)).toMatchObject([notFound, notFound]);
    expect((await relay.get("/networks/default")).body.inUse).toBe(0);
  });

  it("reaches none twice and accounts for each where the whole stack is killed in the middle", async () => {
    const of = (manner: Manner, count: number, kind: string = manner) =>
      Array.from({ length: count }, (_, n) => new CrowdStation(`kill-${kind}-${n}`, manner));
    const done = of("accepts", 6, "done");
    const out = of("silent", 4, "out");
    const left = of("accepts", 6, "left");
    const offline = of("accepts", 3, "offline");
    const all = [...done, ...out, ...left, ...offline];
    let bulkId = "";

    const begin = async ({ call, stationUrl }: MortalRelay) => {
      await call("PATCH", "/networks/default", openNetwork);
      for (const { identity } of all) await call("POST", "/stations", openStation(identity));
      for (const station of [...done, ...out, ...left]) await station.connect(`${stationUrl}/ocpp`);
      const stations = { ids: all.map(({ identity }) => identity) };
      const body = { command: "reset", input: { type: "Soft" }, stations, parallel: 4, offline: "wait" };
      bulkId = (await call("POST", ROOT, body)).bulkId;
      await until(() => out.every(({ calls }) => calls.length === 1));
    };

    const goOn = async (restarted: RelayUnderTest) => {
      const read = async () => (await restarted.get(`${ROOT}/${bulkId}`)).body;
      expect((await read()).counts).toMatchObject({ total: 19, running: 4, waiting: 9 });
      for (const station of [...done, ...left, ...offline])
        await station.connect(`${restarted.local.stationUrl}/ocpp`);
      // the visibility timeout of the queue
      restarted.local.advanceClock(361_000);
      const bulk = await until(async () => {
        const seen = await read();
        return seen.completedAt !== undefined && seen;
      });
      const rows: Row[] = (await restarted.get(`${ROOT}/${bulkId}/results?limit=500`)).body.items;

      expect(bulk.state).toBe("completed");
      expectCountsOf(rows, bulk.counts);
      expect(all.map(({ calls }) => calls.length)).toEqual(all.map(() => 1));
      for (const [n, { identity }] of all.entries()) {
        const isOut = identity.startsWith("kill-out");
        // whether it acted on the CALL is unknown
        expect(isOut ? ["unknown", "failed"] : ["accepted"]).toContain(rows[n]?.outcome);
      }
    };

    await killInTheMiddle(begin, goOn, () => {
      for (const station of all) station.close();
    });
  });
});
