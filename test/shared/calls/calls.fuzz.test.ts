import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beginConnection, endConnection } from "../../../shared/calls/connection.ts";
import { readExchange } from "../../../shared/calls/exchange.ts";
import type { Connections } from "../../../shared/calls/post.ts";
import type { CommandDeps } from "../../../shared/commands/request.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { CALL_EXPIRES_MS } from "../../../shared/limits/lane.ts";
import { Problem } from "../../../shared/problems.ts";
import type { NetworkItem, StationItem } from "../../../shared/store/items.ts";
import { networkKey, stationKey } from "../../../shared/store/keys.ts";
import { runs } from "../../support/property-limits.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/**
 * One station and its callers in a random world: callers come at any time; the station answers at any time and in any
 * order, late, twice or with unknown ids; connections end and begin, and events of old connections come late. The
 * station never has two CALLs outstanding, and no caller gets the answer of another.
 */

let store: TestTable;
let worlds = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

interface Out {
  readonly messageId: string;
  readonly key: string;
  readonly sentAt: number;
}

class World {
  readonly clock = new VirtualClock();
  readonly networkId = `world-${++worlds}`;
  readonly cpId = cpIdOf(this.networkId, "CP");
  /** What is on the wire of each live connection, unanswered. */
  readonly wire = new Map<string, Out[]>();
  readonly everSent: Out[] = [];
  readonly answeredWith = new Map<string, string>();
  readonly callers: Promise<void>[] = [];
  readonly received = new Map<string, string>();
  connectionId = "";
  #connections = 0;

  readonly #connectionsPort: Connections = {
    post: async (connectionId, frame) => {
      const out = this.wire.get(connectionId);
      if (!out) return "gone";
      const [, messageId, , payload] = JSON.parse(frame) as [2, string, string, { key: string[] }];
      const sent = { messageId, key: payload.key[0] as string, sentAt: this.clock.now() };
      const outstanding = out.filter(({ sentAt }) => this.clock.now() - sentAt < CALL_EXPIRES_MS);
      expect(outstanding, "two CALLs outstanding on one connection").toEqual([]);
      out.push(sent);
      this.everSent.push(sent);
      return "sent";
    },
    close: async (connectionId) => {
      this.wire.delete(connectionId);
    },
  };

  readonly deps: CommandDeps = {
    table: store.table,
    connections: this.#connectionsPort,
    clock: this.clock,
    logDays: 30,
    newId: randomUUID,
    runInBackground: () => Promise.reject(new Error("nothing runs in the background here")),
  };

  async start(): Promise<this> {
    await store.table.put(newStation({ networkId: this.networkId, identity: "CP" }));
    await this.connect();
    return this;
  }

  async connect(): Promise<void> {
    this.connectionId = `connection-${++this.#connections}`;
    this.wire.set(this.connectionId, []);
    await beginConnection(this.deps, this.cpId, {
      connectionId: this.connectionId,
      protocol: "ocpp1.6",
      connectedAtMs: this.clock.now(),
    });
  }

  async disconnect(connectionId: string): Promise<void> {
    this.wire.delete(connectionId);
    await endConnection(this.deps, this.cpId, connectionId);
  }

  call(waitMs: number): void {
    const key = randomUUID();
    const request = {
      name: "getConfiguration",
      input: { keys: [key] },
      cpId: this.cpId,
      networks: [this.networkId],
      waitMs,
    } as const;
    const caller = runCommand(this.deps, request).then(
      (result) => {
        expect(result.unknownKeys).toEqual([`answer to ${key}`]);
        this.received.set(key, "answer");
      },
      (error) => {
        expect(error).toBeInstanceOf(Problem);
        this.received.set(key, (error as Problem).slug);
      },
    );
    this.callers.push(this.clock.track(caller));
  }

  async answer(messageId: string, key: string): Promise<void> {
    for (const out of this.wire.values()) {
      const index = out.findIndex((sent) => sent.messageId === messageId);
      if (index >= 0) out.splice(index, 1);
    }
    await takeAnswer({ table: store.table, timers: noTimers }, "ocpp1.6", {
      cpId: this.cpId,
      messageId,
      messageType: "CALL_RESULT",
      response: { unknownKey: [`answer to ${key}`] },
      atMs: this.clock.now(),
    });
  }
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ call: fc.constantFrom(1_000, 5_000, 25_000) }) },
  { weight: 5, arbitrary: fc.record({ answer: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ advance: fc.constantFrom(3, 50, 900, 5_000, 31_000) }) },
  { weight: 1, arbitrary: fc.record({ again: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ stranger: fc.uuid() }) },
  { weight: 1, arbitrary: fc.constant({ reconnect: true }) },
  { weight: 1, arbitrary: fc.record({ disconnect: fc.nat(4) }) },
);

describe("callers and one station under random answers, losses, reconnects and clock", () => {
  it("never has two CALLs outstanding, mixes no answers, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 25 }),
        fc.boolean(),
        async (steps, settles) => {
          const world = await new World().start();
          for (const action of steps) {
            if (settles) await world.clock.settle();
            if ("call" in action) world.call(action.call);
            else if ("advance" in action) await world.clock.advance(action.advance);
            else if ("stranger" in action) await world.answer(action.stranger, "nobody");
            else if ("reconnect" in action) await world.connect();
            else if ("disconnect" in action) await world.disconnect(`connection-${action.disconnect}`);
            else {
              const index = "answer" in action ? action.answer : action.again;
              const unanswered = world.everSent.filter(({ messageId }) =>
                "answer" in action ? !world.answeredWith.has(messageId) : world.answeredWith.has(messageId),
              );
              const sent = unanswered[index % Math.max(unanswered.length, 1)];
              if (sent) {
                world.answeredWith.set(sent.messageId, sent.key);
                await world.answer(sent.messageId, sent.key);
              }
            }
          }
          while (world.clock.busy) await world.clock.advance(1_000);
          await Promise.all(world.callers);

          for (const { messageId, key } of world.everSent) {
            const exchange = await readExchange(store.table, world.cpId, messageId);
            const answered = world.answeredWith.has(messageId);
            expect(exchange?.state).toEqual(
              answered ? "answered" : expect.stringMatching(/timedOut|connectionLost/),
            );
            if (world.received.get(key) === "answer") expect(answered).toBe(true);
          }
          const sentTwice = new Set(world.everSent.map(({ messageId }) => messageId));
          expect(sentTwice.size).toBe(world.everSent.length);

          const network = await store.table.get<NetworkItem>(networkKey(world.networkId));
          expect(network?.inUse ?? 0).toBe(0);
          const station = (await store.table.get<StationItem>(stationKey(world.cpId))) as StationItem;
          for (const entry of station.lane)
            expect(world.everSent.some(({ messageId }) => messageId === entry.messageId)).toBe(true);
        },
      ),
      runs(24),
    );
  });
});
