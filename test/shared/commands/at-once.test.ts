import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CommandDeps, CommandRequest } from "../../../shared/commands/request.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { newNetwork } from "../../../shared/limits/semaphore.ts";
import type { NetworkItem, StationItem } from "../../../shared/store/items.ts";
import { networkKey, stationKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

let store: TestTable;
let clock: VirtualClock;
let station: StationItem;
let worlds = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(async () => {
  clock = new VirtualClock();
  const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: clock.now() - 60_000 } as const;
  station = newStation({ networkId: `at-once-${++worlds}`, identity: "CP", connection });
  const { networkId } = station;
  await store.table.put({ ...stationKey(station.cpId), ...station });
  await store.table.put({ ...networkKey(networkId), ...newNetwork(networkId), parallelRequests: 1 });
});

/** A table that counts its requests, and how many of them came one after the other. */
function counting(table: Table) {
  const counts = { requests: 0, inARow: 0 };
  const counted =
    <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      counts.requests++;
      const place = counts.inARow + 1;
      const result = await method(...args);
      counts.inARow = Math.max(counts.inARow, place);
      return result;
    };
  const { get, put, update } = table;
  return {
    counts,
    table: { ...table, get: counted(get), put: counted(put), update: counted(update) } as Table,
  };
}

/** What a function has whose station answers before the post has returned. */
const depsOn = (table: Table): CommandDeps & { posts: number } => {
  const deps = {
    posts: 0,
    table,
    clock,
    logDays: 30,
    newId: randomUUID,
    connections: {
      post: async (_: string, frame: string) => {
        deps.posts++;
        const [, messageId] = JSON.parse(frame) as [2, string];
        const about = {
          cpId: station.cpId,
          messageId,
          messageType: "CALL_RESULT",
          atMs: clock.now(),
        } as const;
        await takeAnswer({ table, timers: noTimers }, "ocpp1.6", {
          ...about,
          response: { status: "Accepted" },
        });
        return "sent" as const;
      },
      close: async () => {},
    },
    runInBackground: () => Promise.reject(new Error("not here")),
  };
  return deps;
};

async function run(deps: CommandDeps, about: Partial<CommandRequest<"reset">> = {}) {
  const { cpId, networkId } = station;
  const request = {
    name: "reset",
    input: { type: "Soft" },
    cpId,
    networks: [networkId],
    waitMs: 25_000,
  } as const;
  const pending = clock.track(runCommand(deps, { ...request, ...about }));
  pending.catch(() => {});
  while (clock.busy) await clock.advance(100);
  return pending;
}

const holdSlot = () =>
  store.table.update({
    key: networkKey(station.networkId),
    update: "SET inUse = :one, leases = :leases",
    values: { ":one": 1, ":leases": { other: clock.now() + 30_000 } },
  });
const network = async () =>
  (await store.table.get<NetworkItem>(networkKey(station.networkId))) as NetworkItem;
const lane = async () => (await store.table.get<StationItem>(stationKey(station.cpId)))?.lane;
const slug = (slug: string) => expect.objectContaining({ slug });

describe("a command", () => {
  it("whose answer is there at the first look is 7 requests, 5 of them one after the other, and 1 post", async () => {
    const { counts, table } = counting(store.table);
    const deps = depsOn(table);

    await run(deps);

    expect(counts).toEqual({ requests: 7, inARow: 5 });
    expect(deps.posts).toBe(1);
  });

  it("that finds no slot leaves the lane, and sends nothing", async () => {
    await holdSlot();
    const deps = depsOn(store.table);

    await expect(run(deps)).rejects.toEqual(slug("too-many-parallel-requests"));

    expect(deps.posts).toBe(0);
    expect(await lane()).toEqual([]);
    expect((await network()).leases).toEqual({ other: expect.any(Number) });
  });

  it("that finds no slot does not wait for its turn", async () => {
    await holdSlot();
    await store.table.update({
      key: stationKey(station.cpId),
      update: "SET lane = :entries",
      values: { ":entries": [{ messageId: "other", expiresAtMs: clock.now() + 30_000 }] },
    });
    const startedAt = clock.now();

    await expect(run(depsOn(store.table))).rejects.toEqual(slug("too-many-parallel-requests"));

    expect(clock.now() - startedAt).toBeLessThan(1_000);
    expect((await lane())?.map(({ messageId }) => messageId)).toEqual(["other"]);
  });

  it("whose station is unknown or not connected gives its slot back", async () => {
    await expect(run(depsOn(store.table), { cpId: randomUUID() })).rejects.toEqual(slug("not-found"));
    expect(await network()).toMatchObject({ inUse: 0, leases: {} });

    await store.table.update({
      key: stationKey(station.cpId),
      update: "REMOVE #c",
      names: { "#c": "connection" },
    });
    await expect(run(depsOn(store.table))).rejects.toEqual(slug("station-not-connected"));
    expect(await network()).toMatchObject({ inUse: 0, leases: {} });
  });

  it("that finds neither a slot nor its station is refused for the station", async () => {
    await holdSlot();
    await expect(run(depsOn(store.table), { cpId: randomUUID() })).rejects.toEqual(slug("not-found"));

    await store.table.update({
      key: stationKey(station.cpId),
      update: "REMOVE #c",
      names: { "#c": "connection" },
    });
    await expect(run(depsOn(store.table))).rejects.toEqual(slug("station-not-connected"));
  });

  it("whose slot cannot be taken for an error leaves the lane", async () => {
    const broken = new Error("DynamoDB is not there");
    const update: Table["update"] = (change) =>
      change.key.sk === "NETWORK" && change.update.includes("inUse +")
        ? Promise.reject(broken)
        : store.table.update(change);

    await expect(run(depsOn({ ...store.table, update }))).rejects.toBe(broken);

    expect(await lane()).toEqual([]);
  });
});
