import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_ANSWER, type Station } from "../../local/stations/station.ts";
import { cpIdOf } from "../../shared/ids.ts";
import type { NetworkItem, StationItem } from "../../shared/store/items.ts";
import { networkKey, stationKey } from "../../shared/store/keys.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const inUse = async () => (await relay.get("/networks/default")).body.inUse as number;
const ofStatus = (answers: ApiAnswer[], status: number) =>
  answers.filter((answer) => answer.status === status);

describe("the limit of a network: forty requests at once over forty stations", () => {
  let stations: Station[];
  /** CALLs that no station has answered yet, over all stations. */
  let outstanding = 0;
  let most = 0;
  let release: () => void = () => {};
  let gate: Promise<void>;
  const closeGate = () => {
    gate = new Promise((resolve) => {
      release = resolve;
    });
  };

  beforeAll(async () => {
    closeGate();
    const handlers = {
      Reset: async () => {
        most = Math.max(most, ++outstanding);
        await gate;
        outstanding--;
        return { status: "Rejected" };
      },
    };
    stations = [];
    for (let i = 0; i < 40; i += 8)
      stations.push(
        ...(await Promise.all(
          Array.from({ length: 8 }, (_, k) => relay.station(`many-${i + k}`, { handlers, boot: false })),
        )),
      );
  }, 120_000);

  /** Sends all forty, and waits until ten are out and the other thirty refused. */
  const sendAll = async () => {
    let refusals = 0;
    const requests = stations.map(async ({ identity }) => {
      const answer = await relay.command(identity, "reset", { type: "Soft" });
      if (answer.status === 429) refusals++;
      return answer;
    });
    await until(() => outstanding === 10 && refusals === 30);
    return requests;
  };

  it("admits exactly ten, tells the others when to come back, and ends with nothing in use", async () => {
    const requests = await sendAll();
    expect(await inUse()).toBe(10);
    release();
    const answers = await Promise.all(requests);

    expect(ofStatus(answers, 200)).toHaveLength(10);
    const [answered] = ofStatus(answers, 200);
    expect(answered?.headers.get("ratelimit-policy")).toBe('"parallel";q=10;qu="concurrent-requests"');
    expect(answered?.headers.get("ratelimit")).toMatch(/^"parallel";r=\d$/);
    for (const { body, headers } of ofStatus(answers, 429)) {
      expect(headers.get("ratelimit")).toBe(`"parallel";r=0;t=${headers.get("retry-after")}`);
      expect(body).toMatchObject({
        type: "https://ocpp-relay.dev/problems/too-many-parallel-requests",
        limit: 10,
        inUse: 10,
      });
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    }
    expect(most).toBe(10);
    expect(await inUse()).toBe(0);
  });

  it("is back at full capacity after the functions that held all slots were killed", async () => {
    closeGate();
    const doomed = await sendAll();
    await relay.local.killEnvironments("api-synchronous");
    expect(ofStatus(await Promise.all(doomed), 500)).toHaveLength(10);
    release();
    await until(() => outstanding === 0);
    expect(await inUse()).toBe(10);

    await expireLeases();
    closeGate();
    const requests = await sendAll();
    release();

    expect(ofStatus(await Promise.all(requests), 200)).toHaveLength(10);
    expect(await inUse()).toBe(0);
  });
});

/** Lets the leases that are held run out, as 30 s would. */
async function expireLeases(): Promise<void> {
  const key = networkKey("default");
  const { leases } = (await relay.table.get<NetworkItem>(key)) as NetworkItem;
  const expired = Object.fromEntries(Object.keys(leases).map((holder) => [holder, Date.now() - 1]));
  await relay.table.update({ key, update: "SET leases = :expired", values: { ":expired": expired } });
}

describe("the order of refusals", () => {
  it("names what is wrong with the request before it names the limit", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const handlers = { Reset: () => released.then(() => ({ status: "Rejected" })) };
    const busy = await relay.station("order-busy", { handlers });
    await relay.register("order-offline");
    await relay.call("PUT", "/networks/default", { body: { name: "default", parallelRequests: 1 } });
    const holding = relay.command("order-busy", "reset", { type: "Soft" });
    await busy.received("Reset");

    const long = { configurations: [{ key: "A", value: "x".repeat(501) }] };
    const answers = [
      await relay.command("order-nobody", "reset", { type: "Soft" }),
      await relay.command("order-offline", "reset", { type: "Soft" }),
      await relay.command("order-busy", "change_configurations", long),
      await relay.command("order-busy", "reset", { type: "Soft" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 409, 422, 429]);
    release();
    expect((await holding).status).toBe(200);
    await relay.call("PUT", "/networks/default", { body: { name: "default", parallelRequests: 10 } });
  });
});

describe("the lane of a station: five requests at once for a slow one", () => {
  it("has one CALL outstanding at any moment, and each caller gets its own answer in order", async () => {
    const station = await relay.station("slow", { answerDelayMs: 60 });
    const finished: string[] = [];
    const requests: Promise<ApiAnswer>[] = [];
    const inLane = async () =>
      (await relay.table.get<StationItem>(stationKey(cpIdOf("default", "slow"))))?.lane.length;
    for (const key of ["A", "B", "C", "D", "E"]) {
      const request = relay.command("slow", "get_configuration", { keys: [key] });
      requests.push(
        request.then((answer) => {
          finished.push(key);
          return answer;
        }),
      );
      await until(async () => (await inLane()) === requests.length - finished.length);
    }

    const answers = await Promise.all(requests);

    expect(answers.map(({ status, body }) => [status, body.unknownKeys])).toEqual(
      ["A", "B", "C", "D", "E"].map((key) => [200, [key]]),
    );
    expect(station.calls.map(({ payload }) => payload.key)).toEqual([["A"], ["B"], ["C"], ["D"], ["E"]]);
    expect(station.maxOutstanding).toBe(1);
    expect(finished).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("answers 503 and sends nothing if the lane does not become free in time", async () => {
    const station = await relay.station("blocked", { handlers: { Reset: () => NO_ANSWER as never } });
    const holding = relay.command("blocked", "reset", { type: "Soft" }, { headers: { prefer: "wait=4" } });
    await station.received("Reset");

    const { status, body, headers } = await relay.command("blocked", "get_configuration", undefined, {
      headers: { prefer: "wait=1" },
    });

    expect(status).toBe(503);
    expect(body.type).toBe("https://ocpp-relay.dev/problems/station-busy");
    expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await holding).status).toBe(504);
    expect(station.calls).toHaveLength(1);
  });
});
