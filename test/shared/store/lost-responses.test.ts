/**
 * The SDK retries a write whose response was lost, and meets what that write has left. Here the response to every
 * write that was applied is lost once, on every path that writes on a condition.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { beginConnection, endConnection } from "../../../shared/calls/connection.ts";
import {
  claimQueued,
  correlate,
  endExchange,
  readExchange,
  storeQueued,
  storeSent,
} from "../../../shared/calls/exchange.ts";
import { systemClock } from "../../../shared/clock.ts";
import { changePassword } from "../../../shared/handshake/store-password.ts";
import { connectorUuidOf } from "../../../shared/ids.ts";
import { enterLane, leaveLane } from "../../../shared/limits/lane.ts";
import { acquireSlot, newNetwork, releaseSlot } from "../../../shared/limits/semaphore.ts";
import { changeNetwork } from "../../../shared/networks/networks.ts";
import { deleteRate, putRate, rateVersion } from "../../../shared/rates/rates.ts";
import { changeStation, lockConnector } from "../../../shared/stations/change.ts";
import { registerStation } from "../../../shared/stations/register.ts";
import { removeStation } from "../../../shared/stations/remove.ts";
import { stationVersion } from "../../../shared/stations/version.ts";
import type { NetworkItem, StationItem } from "../../../shared/store/items.ts";
import {
  clientKey,
  networkKey,
  pastTransactionKey,
  rateKey,
  stationKey,
  transactionKey,
  workKey,
} from "../../../shared/store/keys.ts";
import { ConditionFailed, type Table } from "../../../shared/store/table.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let table: Table;
let cpId: string;
let worlds = 0;
const closed: string[] = [];
const connections = {
  post: async () => "sent" as const,
  close: async (connectionId: string) => void closed.push(connectionId),
};
const now = 1_800_000_000_000;
const clock = { ...systemClock, now: () => now };
const connection = { connectionId: "c1", protocol: "ocpp1.6", connectedAtMs: now } as const;
const on = { connectionId: "c1", protocol: "ocpp1.6" } as const;
const deps = () => ({ table, passwords: store.losingPasswords, connections, clock });
const station = () => store.table.get<StationItem>(stationKey(cpId));
const enter = (messageId: string) =>
  enterLane(table, cpId, ["default"], { messageId, expiresAtMs: now + 30_000 });

beforeAll(async () => {
  store = await startTable();
  table = store.losing;
});
afterAll(() => store.stop());
beforeEach(async () => {
  closed.length = 0;
  const connectors = { "1/1": { evseId: 1, connectorId: 1, lock: "none" } } as const;
  const item = newStation({ identity: `CP${++worlds}`, connection, connectors });
  cpId = item.cpId;
  await store.table.put({ ...stationKey(cpId), ...item });
});

const newExchange = (messageId: string) => ({
  cpId,
  networkId: "default",
  messageId,
  commandId: messageId,
  command: "reset",
  action: "Reset",
  request: { type: "Soft" },
  requestedAtMs: now,
  deadlineMs: now + 25_000,
});
const answer = (messageId: string) => ({
  cpId,
  messageId,
  messageType: "CALL_RESULT" as const,
  response: { status: "Accepted" },
  atMs: now + 100,
});
const asItIs = async () => ({ status: "Accepted" });

describe("when the response to a write is lost", () => {
  it("a CALL is stored as sent and may go out, and a second run of it is refused", async () => {
    await storeSent(table, newExchange("m"), on, now, 30);

    await expect(storeSent(table, newExchange("m"), on, now, 30)).rejects.toThrow(ConditionFailed);
  });

  it("a CALL whose exchange ended in the meantime is known for its own", async () => {
    const put = store.losing.put;
    const hasty: Table = {
      ...store.losing,
      put: async (...args) => {
        await put(...args);
        await endExchange(
          store.table,
          { cpId, messageId: "m" },
          { from: "sent", to: "connectionLost", atMs: now },
        );
        throw new ConditionFailed({ ...(await readExchange(store.table, cpId, "m")) }, { isRetried: true });
      },
    };

    await expect(storeSent(hasty, newExchange("m"), on, now, 30)).resolves.toBeUndefined();
  });

  it("a queued CALL is claimed by one run only", async () => {
    await storeQueued(table, newExchange("m"), 30);

    const claims = await Promise.allSettled(
      [1, 2, 3].map(() => claimQueued(table, newExchange("m"), on, now)),
    );

    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it.each(["in time", "late"])(
    "an answer that comes %s completes its exchange, and its repetition does not",
    async (when) => {
      await storeSent(store.table, newExchange("m"), on, now, 30);
      const came = { ...answer("m"), atMs: when === "late" ? now + 60_000 : now + 100 };

      expect(await correlate(table, came, asItIs)).toMatchObject({
        outcome: "completed",
        exchange: { state: "answered", ...(when === "late" && { late: true }) },
      });
      expect(await correlate(table, came, asItIs)).toMatchObject({ outcome: "duplicate" });
    },
  );

  it("an answer to a CALL with a secret completes its exchange", async () => {
    await storeSent(store.table, { ...newExchange("m"), holdsSecret: true }, on, now, 30);

    expect(await correlate(table, answer("m"), asItIs)).toMatchObject({ outcome: "completed" });
  });

  it("a new connection closes the one before and fails the CALL that was out on it", async () => {
    await enter("m");
    await storeSent(store.table, newExchange("m"), on, now, 30);

    const before = await beginConnection(deps(), cpId, { ...connection, connectionId: "c2" });

    expect(before).toMatchObject({ cpId });
    expect(closed).toEqual(["c1"]);
    expect(await readExchange(store.table, cpId, "m")).toMatchObject({ state: "connectionLost" });
    expect(await station()).toMatchObject({ connection: { connectionId: "c2" }, lane: [] });
  });

  it("a new connection closes none where none was before", async () => {
    await endConnection(deps(), cpId, "c1");

    await beginConnection(deps(), cpId, { ...connection, connectionId: "c2" });

    expect(closed).toEqual([]);
  });

  it("the end of a connection fails the CALL that was out on it", async () => {
    await enter("m");
    await storeSent(store.table, newExchange("m"), on, now, 30);

    await endConnection(deps(), cpId, "c1");

    expect(await readExchange(store.table, cpId, "m")).toMatchObject({ state: "connectionLost" });
    expect(await station()).not.toHaveProperty("connection");
  });

  it("a run enters the lane once, and leaves it free", async () => {
    await enter("m");
    expect((await station())?.lane).toMatchObject([{ messageId: "m" }]);
    expect((await station())?.lane[0]).not.toHaveProperty("users");

    await leaveLane(table, cpId, "m");

    expect((await station())?.lane).toEqual([]);
  });

  it("a run enters a lane whose last place it takes", async () => {
    for (let n = 0; n < 9; n++) await enter(`m${n}`);

    expect(await enter("last")).toMatchObject({ outcome: "entered" });

    expect((await station())?.lane.map(({ messageId }) => messageId).filter((id) => id === "last")).toEqual([
      "last",
    ]);
  });

  it("runs of one message id are counted once each, and none takes the entry from another", async () => {
    for (let runs = 1; runs <= 3; runs++) await enter("m");
    expect((await station())?.lane).toMatchObject([{ messageId: "m", users: 3 }]);

    await leaveLane(table, cpId, "m");
    await leaveLane(table, cpId, "m");
    expect((await station())?.lane).toMatchObject([{ messageId: "m" }]);

    await leaveLane(table, cpId, "m");
    expect((await station())?.lane).toEqual([]);
  });

  it("a slot is taken once and given back once", async () => {
    const networkId = `losing-${worlds}`;
    const network = () => store.table.get<NetworkItem>(networkKey(networkId));
    await acquireSlot(table, { networkId, holder: "h", now, expiresAtMs: now + 30_000 });
    expect(await network()).toMatchObject({ inUse: 1, leases: { h: now + 30_000 } });

    await releaseSlot(table, networkId, "h");

    expect(await network()).toMatchObject({ inUse: 0, leases: {} });
  });

  it("a station is registered, and a second registration of it is refused", async () => {
    const about = {
      identity: `NEW${worlds}`,
      networkId: "default",
      link: "broker",
      lock: "none",
      auth: { type: "certificate" },
    } as const;

    expect((await registerStation(deps(), about)).station).toMatchObject({ identity: about.identity });
    await expect(registerStation(deps(), about)).rejects.toMatchObject({ slug: "already-exists" });
  });

  it("a station's removal closes its connection", async () => {
    await removeStation(deps(), (await station()) as StationItem);

    expect(closed).toEqual(["c1"]);
    expect(await station()).toBeUndefined();
  });

  it("a station's removal leaves no work and no transaction to a station that is registered again", async () => {
    const keys = [workKey(cpId, "log"), transactionKey(cpId, "7"), pastTransactionKey(cpId, "7", 0)];
    for (const key of keys) await store.table.put({ ...key });

    await removeStation(deps(), (await station()) as StationItem);

    expect(await Promise.all(keys.map((key) => store.table.get(key)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("a rate is new when it is created, and its deletion succeeds", async () => {
    const rate = { networkId: "default", rateId: `r${worlds}`, currency: "EUR", priceText: "0.50" };

    expect(await putRate(table, rate)).toMatchObject({ isNew: true });
    await expect(deleteRate(table, "default", rate.rateId)).resolves.toBeUndefined();
    await expect(deleteRate(table, "default", rate.rateId)).rejects.toMatchObject({ slug: "not-found" });
  });

  it("a write with If-Match succeeds on a rate, and fails on another version", async () => {
    const rate = { networkId: "default", rateId: `m${worlds}`, currency: "EUR", priceText: "0.50" };
    await store.table.put({ ...rateKey("default", rate.rateId), ...rate });
    const next = { ...rate, priceText: "0.60" };

    await putRate(table, next, [rateVersion(rate)]);
    const stale = expect.objectContaining({ slug: "precondition-failed" });
    await expect(putRate(table, rate, [rateVersion(rate)])).rejects.toEqual(stale);
    await expect(deleteRate(table, "default", rate.rateId, [rateVersion(rate)])).rejects.toEqual(stale);
    await putRate(table, { ...next, currency: "CHF" }, [rateVersion(next)]);
    await expect(deleteRate(table, "default", rate.rateId, "*")).resolves.toBeUndefined();
    await expect(putRate(table, rate, "*")).rejects.toEqual(stale);
  });

  it("a write with If-Match succeeds on a station", async () => {
    const version = async () => [stationVersion((await station()) as StationItem)];
    const read = async () => (await station()) as StationItem;
    const connectorUuid = connectorUuidOf(cpId, 1, 1);

    await changeStation(table, await read(), { lock: "permanent", rateId: null }, await version());
    await lockConnector(table, await read(), { connectorUuid, lock: "permanent" }, await version());
    expect(await station()).toMatchObject({ lock: "permanent", revision: 2 });
    await removeStation(deps(), await read(), await version());
    expect(await station()).toBeUndefined();
  });

  it("the settings of a network are written once", async () => {
    const networkId = `settings-${worlds}`;
    const putClients = (...clients: string[]) => {
      const settings = {
        ...newNetwork(networkId),
        stationMessages: "liberal" as const,
        publish: [],
        clients,
      };
      const { networkId: _, inUse: _inUse, leases: _leases, ...change } = settings;
      return changeNetwork(table, { networkId, change: () => change, precondition: undefined }, now);
    };

    expect(await putClients("a")).toMatchObject({ isNew: true });
    await putClients("b");

    expect(await store.table.get(networkKey(networkId))).toMatchObject({ revision: 2, clients: ["b"] });
    const left = await store.table.get<{ networks?: Set<string> }>(clientKey("a"));
    expect(left?.networks?.has(networkId) ?? false).toBe(false);
  });

  it("a password is changed once", async () => {
    const basic = newStation({ identity: `BASIC${worlds}`, auth: { type: "basic", passwordId: "h" } });
    await store.table.put({ ...stationKey(basic.cpId), ...basic });
    let changes = 0;

    await changePassword(table, basic.cpId, (auth) => {
      changes += 1;
      return { ...auth, revision: (auth.revision ?? 0) + 1 };
    });

    expect(changes).toBe(1);
    expect(await store.table.get(stationKey(basic.cpId))).toMatchObject({ auth: { revision: 1 } });
  });
});
