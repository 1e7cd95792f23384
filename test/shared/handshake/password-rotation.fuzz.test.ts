import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beginConnection } from "../../../shared/calls/connection.ts";
import type { Connections } from "../../../shared/calls/post.ts";
import type { CommandDeps } from "../../../shared/commands/request.ts";
import { runCommand } from "../../../shared/commands/run.ts";
import { authenticate } from "../../../shared/handshake/authenticate.ts";
import { matchPassword } from "../../../shared/handshake/password-hash.ts";
import {
  afterAnswer,
  afterHandshake,
  beforeCall,
  MAX_PENDING,
  validPasswords,
} from "../../../shared/handshake/password-rotation.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { takeAnswer } from "../../../shared/inbound/take-answer.ts";
import { Problem } from "../../../shared/problems.ts";
import type { BasicAuth, PendingPassword, StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { Killed, mortal } from "../../support/mortal.ts";
import { basicAuth, hashesOf } from "../../support/passwords.ts";
import { runs } from "../../support/property-limits.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";
import { noTimers } from "../../support/timers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/**
 * A station that is given new passwords in a random world: it takes or refuses them, at once or at its next boot,
 * its answers come late, in any order or never, connections end in the middle, and processes die between any two
 * of their requests. Whatever happens, the station gets in with the password that it has.
 */

let store: TestTable;
let worlds = 0;
const FIRST = "the-first-password";

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

interface Sent {
  readonly messageId: string;
  readonly password: string;
}

interface Answered {
  readonly messageId: string;
  readonly messageType: "CALL_RESULT" | "CALL_ERROR";
  readonly response: object;
}

type Word = "Accepted" | "RebootRequired" | "Rejected" | "CALLERROR";

class World {
  readonly clock = new VirtualClock();
  readonly networkId = `rotation-${++worlds}`;
  readonly cpId = cpIdOf(this.networkId, "CP");
  /** What the station has, and what it will have from its next boot on. */
  password = FIRST;
  atBoot: string | undefined;
  /** Not answered yet, on the connection that the station has now. */
  wire: Sent[] = [];
  /** On their way to us. */
  answers: Answered[] = [];
  connectionId = "";
  #count = 0;

  readonly #connections: Connections = {
    post: async (connectionId, frame) => {
      if (connectionId !== this.connectionId) return "gone";
      const [, messageId, , { value }] = JSON.parse(frame) as [2, string, string, { value: string }];
      this.wire.push({ messageId, password: Buffer.from(value, "hex").toString() });
      return "sent";
    },
    close: async () => {},
  };

  #deps(death: number): CommandDeps {
    return {
      ...mortal(store, death),
      connections: this.#connections,
      clock: this.clock,
      logDays: 30,
      newId: randomUUID,
      runInBackground: () => Promise.reject(new Error("nothing runs in the background here")),
    };
  }

  async start(): Promise<this> {
    const auth = await basicAuth(store.passwords, this.cpId, FIRST);
    await store.table.put(newStation({ networkId: this.networkId, identity: "CP", auth }));
    await this.connect(false);
    return this;
  }

  rotate(waitMs: number, death: number): void {
    const request = {
      name: "setPassword",
      input: { password: `password-number-${++this.#count}` },
      cpId: this.cpId,
      networks: [this.networkId],
      waitMs,
    } as const;
    const work = runCommand(this.#deps(death), request).catch((error) => {
      if (!(error instanceof Killed) && !(error instanceof Problem)) throw error;
    });
    this.clock.track(work);
  }

  /**
   * The station processes the CALL that came first. The answer to a CALL that takes effect at the next boot is known
   * at once; a CALL without an answer is given up after five others.
   */
  async work(word: Word): Promise<void> {
    const call = this.wire.shift();
    if (!call) return;
    if (word === "Accepted") {
      this.password = call.password;
      this.atBoot = undefined;
    }
    if (word === "RebootRequired") this.atBoot = call.password;
    const { messageId } = call;
    this.answers.push(
      word === "CALLERROR"
        ? { messageId, messageType: "CALL_ERROR", response: { errorCode: "NotSupported" } }
        : { messageId, messageType: "CALL_RESULT", response: { status: word } },
    );
    if (word === "RebootRequired") await this.deliver(this.answers.length - 1, Number.POSITIVE_INFINITY);
  }

  /** A change from its request to the station's answer, which we may not hear of. */
  async change(word: Word, heard: boolean, death: number): Promise<void> {
    this.rotate(1_000, death);
    await this.clock.settle();
    await this.work(word);
    if (heard) await this.deliver(this.answers.length - 1, Number.POSITIVE_INFINITY);
    await this.clock.advance(31_000);
  }

  async deliver(pick: number, death: number): Promise<void> {
    const [answer] = this.answers.splice(pick % Math.max(this.answers.length, 1), 1);
    if (!answer) return;
    const deps = { ...mortal(store, death), timers: noTimers };
    const received = { ...answer, cpId: this.cpId, atMs: this.clock.now() };
    await takeAnswer(deps, "ocpp1.6", received).catch((error) => {
      if (!(error instanceof Killed)) throw error;
    });
  }

  async shows(password: string): Promise<boolean> {
    const { context } = await authenticate(
      { table: store.table, passwords: store.passwords, clock: this.clock },
      {
        networkId: this.networkId,
        identity: "CP",
        source: "192.0.2.1",
        authorization: `Basic ${btoa(`CP:${password}`)}`,
        subprotocols: "ocpp1.6",
      },
    );
    return context !== undefined;
  }

  /** The station hangs up and comes again; what was on the wire is lost. */
  async connect(boots: boolean): Promise<void> {
    this.wire = [];
    this.connectionId = "";
    if (boots && this.atBoot !== undefined) {
      this.password = this.atBoot;
      this.atBoot = undefined;
    }
    expect(await this.shows(this.password), "the station gets in with what it has").toBe(true);
    const connectionId = `connection-${++this.#count}`;
    const connection = { connectionId, protocol: "ocpp1.6" as const, connectedAtMs: this.clock.now() };
    await beginConnection(this.#deps(Number.POSITIVE_INFINITY), this.cpId, connection);
    this.connectionId = connectionId;
  }

  async auth(): Promise<BasicAuth> {
    return (await store.table.get<StationItem>(stationKey(this.cpId)))?.auth as BasicAuth;
  }
}

const death = fc.option(fc.nat(9), { freq: 3, nil: Number.POSITIVE_INFINITY });
const word = fc.constantFrom<Word>("Accepted", "Accepted", "RebootRequired", "Rejected", "CALLERROR");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ change: word, heard: fc.boolean(), death }) },
  { weight: 2, arbitrary: fc.record({ rotate: fc.constantFrom(1_000, 25_000), death }) },
  { weight: 2, arbitrary: fc.record({ work: word }) },
  { weight: 2, arbitrary: fc.record({ deliver: fc.nat(5), death }) },
  { weight: 3, arbitrary: fc.record({ connect: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ advance: fc.constantFrom(100, 2_000, 31_000) }) },
);

describe("a station that is given new passwords", () => {
  it("gets in with the one it has, and in the end with no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const world = await new World().start();
        for (const action of steps) {
          if ("rotate" in action) world.rotate(action.rotate, action.death);
          else if ("change" in action) await world.change(action.change, action.heard, action.death);
          else if ("work" in action) await world.work(action.work);
          else if ("deliver" in action) await world.deliver(action.deliver, action.death);
          else if ("connect" in action) await world.connect(action.connect);
          else await world.clock.advance(action.advance);
          await world.clock.settle();
        }
        while (world.clock.busy) await world.clock.advance(1_000);
        while (world.answers.length > 0) await world.deliver(0, Number.POSITIVE_INFINITY);
        await world.clock.advance(31_000);
        await world.connect(true);

        world.rotate(25_000, Number.POSITIVE_INFINITY);
        await world.clock.settle();
        expect(world.wire).toHaveLength(1);
        await world.work("Accepted");
        await world.deliver(0, Number.POSITIVE_INFINITY);
        await world.clock.advance(25_000);
        await world.connect(false);
        const auth = await world.auth();
        expect(auth.pending).toBeUndefined();
        const hashes = await hashesOf(store.passwords, world.cpId);
        const valid = validPasswords(auth).map((id) => hashes.get(id) ?? "");
        expect(await matchPassword(Buffer.from(world.password), valid)).toBe(0);
      }),
      runs(6),
    );
  });
});

/** The rules of `rotation.ts` and a station, without what is between them. */
class Rules {
  auth: BasicAuth = { type: "basic", passwordId: "0" };
  has = "0";
  atBoot: string | undefined;
  #connection = 0;
  #sent = 0;
  #wire: string[] = [];
  #answers: { readonly id: string; readonly accepted: PendingPassword["accepted"] }[] = [];

  /** @returns whether there was room */
  send(): boolean {
    const id = String(++this.#sent);
    const after = beforeCall(this.auth, {
      passwordId: id,
      messageId: id,
      connectionId: String(this.#connection),
    });
    if (!after) return false;
    this.auth = after;
    this.#wire.push(id);
    return true;
  }

  work(word: Word): void {
    const id = this.#wire.shift();
    if (id === undefined) return;
    const taken = { Accepted: "now", RebootRequired: "atBoot" } as const;
    const accepted = word in taken ? taken[word as keyof typeof taken] : undefined;
    this.#answers.push({ id, accepted });
    if (word === "Accepted") [this.has, this.atBoot] = [id, undefined];
    if (word !== "RebootRequired") return;
    this.atBoot = id;
    this.deliver(this.#answers.length - 1);
  }

  deliver(pick: number): void {
    const [answer] = this.#answers.splice(pick % Math.max(this.#answers.length, 1), 1);
    if (answer) this.auth = afterAnswer(this.auth, answer.id, answer.accepted);
  }

  connect(boots: boolean): void {
    this.#wire = [];
    this.#connection += 1;
    if (boots && this.atBoot !== undefined) [this.has, this.atBoot] = [this.atBoot, undefined];
    expect(validPasswords(this.auth)).toContain(this.has);
    this.auth = afterHandshake(this.auth, this.has);
  }
}

const move = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ send: true }) },
  { weight: 4, arbitrary: fc.record({ work: word }) },
  { weight: 2, arbitrary: fc.record({ deliver: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ connect: fc.boolean() }) },
);

describe("the rules of a rotation", () => {
  it("keep the password valid that the station has, and few others", () => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 4, maxLength: 60 }), (moves) => {
        const rules = new Rules();
        for (const action of moves) {
          if ("work" in action) rules.work(action.work);
          else if ("deliver" in action) rules.deliver(action.deliver);
          else if ("connect" in action) rules.connect(action.connect);
          else rules.send();
          expect(validPasswords(rules.auth)).toContain(rules.has);
          expect(validPasswords(rules.auth).length).toBeLessThanOrEqual(MAX_PENDING + 1);
          expect(afterAnswer(rules.auth, "nobody's", "now")).toBe(rules.auth);
        }
        rules.connect(true);
        expect(rules.send(), "there is room on a new connection").toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
