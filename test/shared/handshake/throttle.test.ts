import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticate, type Handshake } from "../../../shared/handshake/authenticate.ts";
import {
  type Counted,
  countersOf,
  heldBackBy,
  LIMITS,
  LOT,
  sourceOf,
} from "../../../shared/handshake/throttle.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import type { FailedHandshakesItem } from "../../../shared/store/items.ts";
import { basicAuth } from "../../support/passwords.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

describe("a source", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:0DB8:0001:0002::1", "2001:db8:1::/48"],
    ["2001:db8::1", "2001:db8:0::/48"],
    ["::1", "0:0:0::/48"],
    ["fe80::1%eth0", "fe80:0:0::/48"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["what is no address", "what is no address"],
  ])("of %s is %s", (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});

describe("who is held back", () => {
  const none = { pair: 0, source: 0, identity: 0 };
  it.each<[Partial<Record<Counted, number>>, isKnown: boolean, Counted | undefined]>([
    [{}, false, undefined],
    [{ pair: LIMITS.pair - 1, source: LIMITS.source - 1, identity: LIMITS.identity - 1 }, false, undefined],
    [{ pair: LIMITS.pair }, false, "pair"],
    [{ pair: LIMITS.pair }, true, undefined],
    [{ pair: LIMITS.knownPair }, true, "pair"],
    [{ source: LIMITS.source }, false, "source"],
    [{ identity: LIMITS.identity }, false, "identity"],
    [{ source: 1e6, identity: 1e6 }, true, undefined],
  ])("after %j, known: %s: %s", (failures, isKnown, limit) => {
    expect(heldBackBy({ ...none, ...failures }, isKnown, LOT)).toBe(limit);
  });

  it.each<[number, lot: number, Counted | undefined]>([
    [LIMITS.identity, LOT, "identity"],
    [LIMITS.identity, 0, undefined],
    [LIMITS.identityByLot - 1, LOT - 1e-9, undefined],
    [LIMITS.identityByLot, 0, "identity"],
  ])("after %i failures in its name, by a lot of %d: %s", (identity, lot, limit) => {
    expect(heldBackBy({ ...none, identity }, false, lot)).toBe(limit);
  });

  it("is one in eight, where it is by lot", () => {
    const lots = Array.from({ length: 800 }, (_, n) => n / 800);
    const lookedAt = lots.filter((lot) => !heldBackBy({ ...none, identity: 500 }, false, lot));
    expect(lookedAt).toHaveLength(100);
  });
});

describe("failed handshakes", () => {
  let store: TestTable;
  let now = Date.UTC(2026, 0, 1);
  let count = 0;
  /** A lot that never wins. */
  let lot = 1;
  const password = "the-right-password";
  const clock = { now: () => now, sleep: () => Promise.reject(new Error("nobody sleeps here")) };

  beforeAll(async () => {
    store = await startTable();
  });
  afterAll(() => store.stop());

  const handshake = (identity: string, shown: string, source = "192.0.2.1"): Handshake => ({
    networkId: "default",
    identity,
    source,
    authorization: `Basic ${btoa(`${identity}:${shown}`)}`,
    subprotocols: "ocpp1.6",
  });
  const tries = (identity: string, shown: string, source?: string) =>
    authenticate(
      { table: store.table, passwords: store.passwords, clock, random: () => lot },
      handshake(identity, shown, source),
    );

  async function registered(about: { lastSource?: string } = {}): Promise<string> {
    const identity = `guessed-${++count}`;
    const auth = await basicAuth(store.passwords, cpIdOf("default", identity), password);
    await store.table.put(newStation({ identity, auth, ...about }));
    return identity;
  }
  const counted = async (cpId: string, source: string) => {
    const counters = countersOf({ cpId, source, now });
    const read = async (by: Counted) => store.table.get<FailedHandshakesItem>(counters[by]);
    return { pair: await read("pair"), source: await read("source"), identity: await read("identity") };
  };
  /** As if there had been so many. */
  async function failed(by: Counted, failures: number, cpId: string, source: string): Promise<void> {
    await store.table.put({ ...countersOf({ cpId, source, now })[by], failures, expiresAt: 0 });
  }
  const provenId = async (identity: string) => (await tries(identity, password)).context?.cpId as string;

  it("are counted by identity, by source and by both, for their window", async () => {
    now = Date.UTC(2026, 0, 1, 0, 14, 59);
    const identity = await registered();
    const cpId = await provenId(identity);
    const source = "203.0.113.1";
    expect(await tries(identity, "wrong", source)).toEqual({ refusal: "wrongPassword" });
    const expiresAt = Date.UTC(2026, 0, 1, 0, 15) / 1000;
    const one = expect.objectContaining({ failures: 1, expiresAt });
    expect(await counted(cpId, source)).toEqual({ pair: one, source: one, identity: one });
    now = Date.UTC(2026, 0, 1, 0, 15);
    expect(await counted(cpId, source)).toEqual({ pair: undefined, source: undefined, identity: undefined });
  });

  it("are refused unseen past ten, the right password too, until the window is over", async () => {
    const identity = await registered();
    const cpId = await provenId(identity);
    for (let n = 0; n < LIMITS.pair; n++)
      expect(await tries(identity, `wrong-${n}`)).toEqual({ refusal: "wrongPassword" });
    const held = { refusal: "heldBack", heldBackBy: "pair" };
    expect(await tries(identity, password)).toEqual(held);
    expect(await tries(identity, "wrong")).toEqual(held);
    expect((await counted(cpId, "192.0.2.1")).pair).toMatchObject({ failures: LIMITS.pair });
    // from elsewhere the station gets in
    expect((await tries(identity, password, "192.0.2.99")).context).toBeDefined();
    now += 15 * 60_000;
    expect((await tries(identity, password)).context).toBeDefined();
  });

  it("of who is not registered, or shows nothing, or another's name, count alike", async () => {
    const identity = await registered();
    const refusalOf = async (about: Partial<Handshake>) =>
      (
        await authenticate(
          { table: store.table, passwords: store.passwords, clock },
          { ...handshake(identity, password), ...about },
        )
      ).refusal;
    const source = "198.51.100.7";
    expect(await refusalOf({ source, identity: "nobody-at-all" })).toBe("unknownStation");
    expect(await refusalOf({ source, authorization: undefined })).toBe("noPassword");
    expect(await refusalOf({ source, authorization: `Basic ${btoa(`other:${password}`)}` })).toBe(
      "noPassword",
    );
    expect(await refusalOf({ source, authorization: "Basic ???" })).toBe("noPassword");
    expect((await counted("", source)).source).toMatchObject({ failures: 4 });
  });

  it("are none of who is called as it was registered, however the address divides", async () => {
    const identity = `with/slash-${++count}`;
    const auth = await basicAuth(store.passwords, cpIdOf("default", identity), password);
    await store.table.put(newStation({ identity, auth }));
    const about = { ...handshake(identity, password), networkId: "default/with", identity: `slash-${count}` };
    const { context } = await authenticate({ table: store.table, passwords: store.passwords, clock }, about);
    expect(context).toMatchObject({ networkId: "default", identity });
  });

  it("with a certificate are not counted, and lock no station out", async () => {
    const identity = `certified-${++count}`;
    const station = newStation({ identity, auth: { type: "certificate" } });
    await store.table.put(station);
    const source = "198.51.100.8";
    const shown = async (certificateSubject?: string) => {
      const about = { ...handshake(identity, ""), source, certificateSubject };
      return authenticate({ table: store.table, passwords: store.passwords, clock }, about);
    };
    expect((await shown(`CN=${identity}`)).context).toBeDefined();
    expect(await shown("CN=another")).toEqual({ refusal: "wrongCertificate" });
    expect(await shown("")).toEqual({ refusal: "wrongCertificate" });
    expect((await counted(station.cpId, source)).identity).toBeUndefined();
    // a client without a certificate fails with the identity, from everywhere and from the own address of the
    // station
    expect(await shown(undefined)).toEqual({ refusal: "otherEndpoint" });
    for (const by of ["pair", "source", "identity"] as const) await failed(by, 1e6, station.cpId, source);
    expect(await shown(undefined)).toMatchObject({ refusal: "heldBack" });
    expect((await shown(`CN=${identity}`)).context).toBeDefined();
  });

  it("in a station's name from anywhere do not keep it out of where it was last", async () => {
    const identity = await registered({ lastSource: "2001:db8:1::/48" });
    const cpId = await provenId(identity);
    await failed("identity", LIMITS.identity, cpId, "");
    expect(await tries(identity, password, "192.0.2.200")).toMatchObject({ heldBackBy: "identity" });
    lot = 0;
    expect((await tries(identity, password, "192.0.2.200")).context).toBeDefined();
    lot = 1;
    expect((await tries(identity, password, "2001:db8:1:2:9::9")).context).toBeDefined();
  });

  it("of others from its address do not keep it out, and its own do not keep others out", async () => {
    const source = "203.0.113.50";
    const [known, stranger] = [await registered({ lastSource: source }), await registered()];
    const cpId = await provenId(known);
    expect((await tries(known, "wrong", source)).refusal).toBe("wrongPassword");
    expect(await counted(cpId, source)).toMatchObject({ pair: { failures: 1 }, source: undefined });
    await failed("source", LIMITS.source, cpId, source);
    expect(await tries(stranger, password, source)).toMatchObject({ heldBackBy: "source" });
    expect((await tries(known, password, source)).context).toBeDefined();
  });

  it("are read with the station in one request, and written only where there are any", async () => {
    const identity = await registered();
    const asked: string[] = [];
    const { name, ...methods } = store.table;
    const counting = Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        (...args: unknown[]) => {
          asked.push(name);
          return (method as (...args: unknown[]) => unknown)(...args);
        },
      ]),
    ) as unknown as Omit<TestTable["table"], "name">;
    const table = { name, ...counting };
    await authenticate({ table, passwords: store.passwords, clock }, handshake(identity, password));
    expect(asked.splice(0)).toEqual(["getManyWith"]);
    await authenticate(
      { table, passwords: store.passwords, clock },
      handshake(identity, "wrong", "203.0.113.77"),
    );
    expect(asked.splice(0)).toEqual(["getManyWith", "update", "update", "update"]);
    await failed("pair", LIMITS.pair, await provenId(identity), "203.0.113.77");
    await authenticate(
      { table, passwords: store.passwords, clock },
      handshake(identity, "wrong", "203.0.113.77"),
    );
    expect(asked).toEqual(["getManyWith"]);
  });
});
