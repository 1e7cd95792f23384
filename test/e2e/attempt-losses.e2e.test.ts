import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Station } from "../../local/stations/station.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

const count = ({ calls }: Station, action: string) => calls.filter((call) => call.action === action).length;

async function started(identity: string) {
  const station = await relay.station(identity);
  const { body } = await relay.attempt({ cpId: identity, idTag: "TAG", stopMinutes: 30 });
  const attempt = await relay.becomes(body.id, "started");
  // a station that is cut off before it has the answer repeats its start, and does not know the id until then
  await until(async () => {
    const { connectors } = (await relay.get(`/stations/${identity}`)).body;
    return connectors[0].status === "Charging";
  });
  return { station, attempt };
}

describe("a stop whose timer was lost", () => {
  it("goes out when somebody reads the attempt", async () => {
    const { station, attempt } = await started("read");
    await relay.forgetSchedules();
    relay.advance(32);

    await relay.readAttempt(attempt.id);

    await relay.becomes(attempt.id, "stopped");
    expect(count(station, "RemoteStopTransaction")).toBe(1);
  });

  it("goes out when the station reconnects", async () => {
    const { station, attempt } = await started("reconnect");
    await relay.forgetSchedules();
    relay.advance(32);

    await station.disconnect();
    await station.reconnect();

    await station.received("RemoteStopTransaction");
    await relay.becomes(attempt.id, "stopped");
    expect(count(station, "RemoteStopTransaction")).toBe(1);
  });
});

describe("a function that is killed", () => {
  it("while it waits for the answer to a start loses nothing, and no second start goes out", async () => {
    const answer = Promise.withResolvers<void>();
    const station = await relay.station("killed", {
      handlers: {
        RemoteStartTransaction: async ({ standard }) => {
          await answer.promise;
          return standard();
        },
      },
    });
    const { body } = await relay.attempt({ cpId: "killed", idTag: "TAG" });
    await station.received("RemoteStartTransaction");

    await relay.local.killEnvironments("background-command");
    answer.resolve();

    const attempt = await relay.becomes(body.id, "started");
    expect(attempt.stationStatus).toBe("Accepted");
    await relay.settle();
    expect(count(station, "RemoteStartTransaction")).toBe(1);
  });

  it("at any moment of a charge leaves an attempt that goes on", async () => {
    const station = await relay.station("killed-often");
    const { body } = await relay.attempt({ cpId: "killed-often", idTag: "TAG", stopMinutes: 30 });
    for (let n = 0; n < 5; n++) {
      await relay.local.killEnvironments("background-command");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    relay.advance(1); // Lambda tries again what failed
    await relay.becomes(body.id, "started");

    relay.advance(31);

    await relay.becomes(body.id, "stopped");
    expect(count(station, "RemoteStartTransaction")).toBe(1);
  });
});

describe("the network's limit", () => {
  it("counts every CALL that is out, whichever family it came from: the 11th is 429", async () => {
    const names = Array.from({ length: 11 }, (_, n) => `limit${n}`);
    const answer = Promise.withResolvers<void>();
    const late = async ({ standard }: { standard(): Promise<Record<string, unknown>> }) => {
      await answer.promise;
      return standard();
    };
    const handlers = { RemoteStartTransaction: late, ClearCache: late, GetConfiguration: late };
    for (const name of names) await relay.station(name, { handlers });
    const start = (name = "") => relay.attempt({ cpId: name, idTag: "TAG" });
    const clear = (name = "") => relay.post(`/remote_commands/asynchronous/${name}/clear_cache`);
    const read = (name = "") => relay.command(name, "get_configuration", { keys: ["HeartbeatInterval"] });

    const accepted = await Promise.all([...names.slice(0, 4).map(start), ...names.slice(4, 7).map(clear)]);
    const held = names.slice(7, 10).map(read);
    await until(async () => (await relay.get("/networks/default")).body.inUse === 10);
    const refused = [await start(names[10]), await clear(names[10]), await read(names[10])];
    answer.resolve();

    expect(accepted.map(({ status }) => status)).toEqual([201, 201, 201, 201, 202, 202, 202]);
    for (const { status, body, headers } of refused) {
      expect([status, body.limit, body.inUse]).toEqual([429, 10, 10]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
  });

  it("takes no slot for what the system sends by itself", async () => {
    const station = await relay.station("system");
    await station.disconnect();
    await until(async () => !(await relay.get("/stations/system")).body.connection.connected);
    const { body } = await relay.attempt({ cpId: "system", idTag: "TAG" });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const handlers = { Reset: () => released.then(() => ({ status: "Rejected" })) };
    const busy = await Promise.all(
      Array.from({ length: 10 }, (_, n) => relay.station(`busy${n}`, { handlers, boot: false })),
    );
    const held = busy.map((one) => relay.command(one.identity, "reset", { type: "Soft" }));
    await until(async () => (await relay.get("/networks/default")).body.inUse === 10);

    await station.reconnect();

    await relay.becomes(body.id, "started");
    release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(Array(10).fill(200));
  });
});
