import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CommandName } from "../../../shared/commands/commands.ts";
import { queueCommand, queueOrSendCommand } from "../../../shared/commands/queue.ts";
import type { CommandDeps, CommandRequest, QueuedCommand } from "../../../shared/commands/request.ts";
import { readCommand } from "../../../shared/commands/resource.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { CALL_EXPIRES_MS } from "../../../shared/limits/lane.ts";
import type { Protocol } from "../../../shared/ocpp/protocols.ts";
import type { NetworkItem, StationItem } from "../../../shared/store/items.ts";
import { networkKey, stationKey } from "../../../shared/store/keys.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const SECRET = "Geheim-0815-xyzzy";

let store: TestTable;
let clock: VirtualClock;
let station: StationItem;
let count = 0;
/** What was handed to the background function: the events of asynchronous invocations. */
let handedOver: QueuedCommand[];
let posted: [2, string, string, object][];
/** Whether the station answers each CALL at once. */
let answers: boolean;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  clock = new VirtualClock();
  handedOver = [];
  posted = [];
  answers = true;
});

async function connected(protocol: Protocol = "ocpp1.6", about: Partial<StationItem> = {}): Promise<void> {
  const connection = { connectionId: "c", protocol, connectedAtMs: clock.now() - 60_000 };
  station = newStation({ networkId: `queue-${++count}`, identity: "CP", connection, ...about });
  await store.table.put({ ...stationKey(station.cpId), ...station });
}

const statusOf = (action: string, payload: object): object => {
  if (action !== "SetVariables") return { status: "Accepted" };
  const { setVariableData } = payload as { setVariableData: { component: object; variable: object }[] };
  const told = ({ component, variable }: { component: object; variable: object }) => ({
    attributeStatus: "Accepted",
    component,
    variable,
  });
  return { setVariableResult: setVariableData.map(told) };
};

async function answer([, messageId, action, payload]: [2, string, string, object]): Promise<void> {
  const { protocol } = station.connection as { protocol: Protocol };
  await takeAnswer({ table: store.table, timers: noTimers }, protocol, {
    cpId: station.cpId,
    messageId,
    messageType: "CALL_RESULT",
    response: statusOf(action, payload),
    atMs: clock.now(),
  });
}

const deps: CommandDeps = {
  get table() {
    return store.table;
  },
  get clock() {
    return clock;
  },
  connections: {
    post: async (_, text) => {
      const frame = JSON.parse(text);
      posted.push(frame);
      if (answers) await answer(frame);
      return "sent";
    },
    close: async () => {},
  },
  logDays: 30,
  newId: randomUUID,
  runInBackground: async (queued) => {
    handedOver.push(queued);
  },
};

type Wanted<Name extends CommandName> = Pick<CommandRequest<Name>, "name" | "input"> &
  Partial<CommandRequest<Name>>;

const requestOf = <Name extends CommandName>(wanted: Wanted<Name>): CommandRequest<Name> => ({
  cpId: station.cpId,
  networks: [station.networkId],
  waitMs: 25_000,
  ...wanted,
});
const send = <Name extends CommandName>(wanted: Wanted<Name>) =>
  clock.track(queueOrSendCommand(deps, requestOf(wanted)));

/** Lets time pass until the work has ended. */
async function settled<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => {});
  while (clock.busy) await clock.advance(1_000);
  return work;
}

const resourceOf = (commandId: string) =>
  readCommand(store.table, commandId, { networks: [station.networkId] }, clock.now());
const inUse = async () => (await store.table.get<NetworkItem>(networkKey(station.networkId)))?.inUse ?? 0;

const raw = (payload: object, action = "ChangeConfiguration") =>
  ({ name: "rawRequest", input: { action, payload, validate: true } }) as const;
const secret = raw({ key: "AuthorizationKey", value: SECRET });
const changes = (...keys: string[]) =>
  ({
    name: "changeConfigurations",
    input: { configurations: keys.map((key) => ({ key, value: key.includes("ey") ? SECRET : "300" })) },
  }) as const;

describe("a command without a waiting request", () => {
  it("is handed over, and not sent by who accepts it", async () => {
    await connected();
    const { commandId } = await settled(send(raw({ key: "HeartbeatInterval", value: "300" })));
    expect(posted).toEqual([]);
    expect(handedOver).toMatchObject([{ name: "rawRequest", run: { commandId } }]);
    expect(await resourceOf(commandId)).toMatchObject({ state: "queued" });
  });
});

describe("a command with a secret and without a waiting request", () => {
  it("is sent by who accepts it, and answered without its answer", async () => {
    await connected();
    answers = false;
    const { commandId, ...output } = await settled(send(secret));

    expect(handedOver).toEqual([]);
    expect(posted).toEqual([[2, commandId, "ChangeConfiguration", secret.input.payload]]);
    expect(output).toEqual({
      ocppMessageId: commandId,
      connection: { connectionId: "c", protocol: "ocpp1.6" },
      request: {
        messageType: "2",
        messageId: commandId,
        action: "ChangeConfiguration",
        payload: { key: "AuthorizationKey", value: "***" },
      },
    });
    expect(await resourceOf(commandId)).toMatchObject({ state: "sent" });
    expect(await inUse()).toBe(0);
    await answer(posted[0] as (typeof posted)[number]);
    expect(await resourceOf(commandId)).toMatchObject({ state: "answered" });
  });

  it("waits for the lane, and not for the answer", async () => {
    await connected();
    answers = false;
    const before = clock.track(runCommand(deps, requestOf({ name: "reset", input: { type: "Soft" } })));
    await clock.advance(10);
    const after = send(secret);
    await clock.advance(2_000);
    expect(posted).toHaveLength(1);
    await answer(posted[0] as (typeof posted)[number]);
    await clock.advance(2_000);
    expect(posted).toHaveLength(2);
    await Promise.all([before, after]);
    expect(clock.busy).toBe(false);
  });

  it("is refused if the lane does not become free: nothing is sent or stored", async () => {
    const expiresAtMs = clock.now() + CALL_EXPIRES_MS;
    await connected("ocpp1.6", { lane: [{ messageId: "another", expiresAtMs }] });

    const refused = send({ ...secret, commandId: "mine", waitMs: 5_000 });

    await expect(settled(refused)).rejects.toMatchObject({ slug: "station-busy", status: 503 });
    expect([posted, handedOver]).toEqual([[], []]);
    await expect(resourceOf("mine")).rejects.toMatchObject({ slug: "not-found" });
    expect(await inUse()).toBe(0);
    const { lane } = (await store.table.get<StationItem>(stationKey(station.cpId))) as StationItem;
    expect(lane).toHaveLength(1);
  });

  it("is refused at the network's limit", async () => {
    await connected();
    const leases = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`other-${n}`, clock.now() + 30_000]),
    );
    await store.table.put({
      ...networkKey(station.networkId),
      networkId: station.networkId,
      parallelRequests: 10,
      inUse: 10,
      leases,
    });
    await expect(settled(send(secret))).rejects.toMatchObject({ slug: "too-many-parallel-requests" });
    expect(posted).toEqual([]);
  });

  it("of several CALLs is answered when the last one has gone out", async () => {
    await connected();
    const { commandId } = await settled(send(changes("HeartbeatInterval", "AuthorizationKey", "Another")));

    expect(handedOver).toEqual([]);
    expect(posted.map(([, , , payload]) => (payload as { key: string }).key)).toEqual([
      "HeartbeatInterval",
      "AuthorizationKey",
      "Another",
    ]);
    expect(await resourceOf(commandId)).toMatchObject({ state: "answered", calls: [{}, {}, {}] });
  });

  it("of several CALLs is under way where the station does not answer them in time", async () => {
    await connected();
    answers = false;
    const { commandId } = await settled(send(changes("HeartbeatInterval", "AuthorizationKey")));

    expect(posted).toHaveLength(1);
    expect(await resourceOf(commandId)).toMatchObject({ state: "sent", calls: [{}] });
    await clock.advance(1);
    expect(await resourceOf(commandId)).toMatchObject({ state: "timedOut", calls: [{}] });
    expect(await inUse()).toBe(0);
  });

  it.each(["ocpp2.0.1", "ocpp2.1"] as const)("is sent to a station of %s", async (protocol) => {
    await connected(protocol);
    const { commandId } = await settled(
      send(changes("SecurityCtrlr.BasicAuthPassword", "SecurityCtrlr.VpnKey")),
    );
    expect(handedOver).toEqual([]);
    expect(posted).toHaveLength(1);
    expect(JSON.stringify(posted)).toContain(SECRET);
    expect(await resourceOf(commandId)).toMatchObject({ state: "answered" });
  });

  it("goes to a legacy station as it is, of several CALLs too", async () => {
    await connected("ocpp1.6", { link: "legacy" });
    await settled(send(changes("AuthorizationKey", "HeartbeatInterval")));
    const awaited = runCommand(deps, requestOf(changes("HeartbeatInterval", "AuthorizationKey")));
    const { results } = await settled(clock.track(awaited));
    expect(results.map(({ key, status }) => ({ key, status }))).toEqual([
      { key: "HeartbeatInterval", status: undefined },
      { key: "AuthorizationKey", status: undefined },
    ]);
    expect(posted).toHaveLength(4);
    expect(handedOver).toEqual([]);
  });

  it("is sent once where its request is repeated, and went on with where that had died", async () => {
    await connected();
    const idempotency = { id: randomUUID(), isRepeat: false };
    const first = await settled(send({ ...changes("AuthorizationKey"), idempotency }));
    const repeats = ["AuthorizationKey", "HeartbeatInterval"];
    const again = await settled(
      send({ ...changes(...repeats), idempotency: { ...idempotency, isRepeat: true } }),
    );

    expect(again.commandId).toBe(first.commandId);
    expect(posted.map(([, , , payload]) => (payload as { key: string }).key)).toEqual(repeats);
    expect(handedOver).toEqual([]);
  });

  it("is not handed over by who cannot send", async () => {
    await connected();
    await expect(settled(clock.track(queueCommand(deps, requestOf(secret))))).rejects.toThrow("secret");
    expect(handedOver).toEqual([]);
    expect(await inUse()).toBe(0);
  });
});
