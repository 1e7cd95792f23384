import { scrypt } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { authenticate, type Handshake, type Refusal } from "../../../shared/handshake/authenticate.ts";
import { hashPassword } from "../../../shared/handshake/password-hash.ts";
import { addHash } from "../../../shared/handshake/stored-hashes.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { newNetwork } from "../../../shared/limits/semaphore.ts";
import type { StationAuth, StationItem } from "../../../shared/store/items.ts";
import { networkKey, stationKey } from "../../../shared/store/keys.ts";
import { basicAuth, hashesOf } from "../../support/passwords.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

vi.mock("node:crypto", async (original) => {
  const actual = await original<typeof import("node:crypto")>();
  return { ...actual, scrypt: vi.fn(actual.scrypt) };
});

const PASSWORD = "the-right-password";
const now = Date.UTC(2026, 0, 1);
const clock = { now: () => now, sleep: () => Promise.reject(new Error("nobody sleeps here")) };

let store: TestTable;
beforeAll(async () => {
  store = await startTable();
  const withPassword = (networkId: string) =>
    basicAuth(store.passwords, cpIdOf(networkId, "by-password"), PASSWORD);
  const stations: readonly (readonly [identity: string, auth: StationAuth, networkId?: string])[] = [
    ["by-password", await withPassword("default")],
    ["by-certificate", { type: "certificate" }],
    ["by-nothing", { type: "none" }],
    ["by-nothing", { type: "none" }, "unheard-of"],
    ["by-nothing", { type: "none" }, "open"],
    ["by-password", await withPassword("open"), "open"],
  ];
  for (const [identity, auth, networkId = "default"] of stations)
    await store.table.put(newStation({ identity, auth, networkId }));
  for (const networkId of ["default", "open"])
    await store.table.put({
      ...networkKey(networkId),
      ...newNetwork(networkId),
      allowUnauthenticatedStations: networkId === "open",
      stationMessages: networkId === "open" ? "strict" : "liberal",
      ...(networkId === "open" && { publish: ["transaction.meterValues"], heartbeatIntervalSeconds: 60 }),
    });
});
afterAll(() => store.stop());
beforeEach(() => {
  vi.mocked(scrypt).mockClear();
});

const handshake = (identity: string, about: Partial<Handshake> = {}) =>
  authenticate(
    { table: store.table, passwords: store.passwords, clock },
    {
      networkId: "default",
      identity,
      source: "192.0.2.1",
      authorization: `Basic ${btoa(`${identity}:${PASSWORD}`)}`,
      subprotocols: "ocpp1.6",
      ...about,
    },
  );

describe("a handshake that is looked at and refused", () => {
  it.each<[Refusal, string, Partial<Handshake>]>([
    ["unknownStation", "nobody", {}],
    ["unknownStation", "nobody", { certificateSubject: "CN=nobody" }],
    ["noPassword", "by-password", { authorization: undefined }],
    ["wrongPassword", "by-password", { authorization: `Basic ${btoa("by-password:wrong")}` }],
    ["otherEndpoint", "by-password", { certificateSubject: "CN=by-password" }],
    ["otherEndpoint", "by-certificate", {}],
    ["wrongCertificate", "by-certificate", { certificateSubject: "CN=another" }],
    ["notAllowed", "by-nothing", {}],
    ["notAllowed", "by-nothing", { authorization: undefined }],
    ["notAllowed", "by-nothing", { networkId: "unheard-of" }],
  ])("costs one scrypt: %s, %s %j", async (refusal, identity, about) => {
    expect(await handshake(identity, about)).toEqual({ refusal });
    expect(scrypt).toHaveBeenCalledTimes(1);
  });
});

describe("a handshake that is proven", () => {
  it.each<[number, string, Partial<Handshake>]>([
    [1, "by-password", {}],
    [0, "by-certificate", { certificateSubject: "CN=by-certificate" }],
    [0, "by-nothing", { networkId: "open" }],
  ])("costs %i scrypt: %s %j", async (times, identity, about) => {
    expect((await handshake(identity, about)).context).toBeDefined();
    expect(scrypt).toHaveBeenCalledTimes(times);
  });
});

describe("a password", () => {
  const read = (identity: string) => store.table.get<StationItem>(stationKey(cpIdOf("default", identity)));

  it("without its hash is refused and costs one scrypt", async () => {
    await store.table.put(newStation({ identity: "hashless", auth: { type: "basic", passwordId: "lost" } }));

    expect(await handshake("hashless")).toEqual({ refusal: "wrongPassword" });
    expect(scrypt).toHaveBeenCalledTimes(1);
  });

  it("whose hash the station's item does not name is refused", async () => {
    const cpId = cpIdOf("default", "by-password");
    await addHash({ passwords: store.passwords, clock }, cpId, await hashPassword("another-password"));
    const authorization = `Basic ${btoa("by-password:another-password")}`;

    expect(await handshake("by-password", { authorization })).toEqual({ refusal: "wrongPassword" });
  });

  it("has no hash in the item of its station", async () => {
    expect(JSON.stringify(await read("by-password"))).not.toMatch(/hash|scrypt/i);
    expect((await hashesOf(store.passwords, cpIdOf("default", "by-password"))).size).toBeGreaterThan(0);
  });
});

describe("the context of a station that is proven", () => {
  it.each([
    ["default", {}],
    ["open", { stationMessages: "strict", publish: "transaction.meterValues", heartbeatInterval: "60" }],
  ])("carries what its network %s sets for its messages, as texts", async (networkId, expected) => {
    const { context } = await handshake("by-password", { networkId });

    expect(context).toEqual({
      cpId: expect.any(String),
      networkId,
      identity: "by-password",
      protocol: "ocpp1.6",
      ...expected,
    });
  });
});
