import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectStation } from "../../local/stations/station.ts";
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

const isParked = ({ counts }: { counts: { waiting: number; running: number } }) =>
  counts.waiting === 1 && counts.running === 0;

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
    await until(async () => isParked(await read(bulkId)));
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
    await until(async () => isParked(await read(bulkId)));
    relay.local.advanceClock(601_000);

    expect((await ended(bulkId)).counts).toMatchObject({ total: 1, waiting: 0, skipped: 1 });
  });

  it("is cancelled at the stations that were not sent it", async () => {
    await relay.register("bulk-7");
    const bulkId = await send({ command: "clear_cache", stations: { ids: ["bulk-7"] }, offline: "wait" });
    await until(async () => isParked(await read(bulkId)));
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
