import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

/** As many raw requests may wait at once here: the share itself would be a hundred threads. */
const BOUND = 3;

let folder: string;
let relay: RelayUnderTest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-concurrency-"));
  await cp(inject("assembly"), folder, { recursive: true });
  const file = join(folder, "ocpp-relay-prod.template.json");
  const template = JSON.parse(await readFile(file, "utf8"));
  // biome-ignore lint/suspicious/noExplicitAny: a template's resources are of many kinds
  const raw = Object.values<any>(template.Resources).find(
    ({ Properties }) => Properties?.FunctionName === "ocpp-relay-prod-api-raw",
  );
  expect(raw.Properties.ReservedConcurrentExecutions).toBeGreaterThan(BOUND);
  raw.Properties.ReservedConcurrentExecutions = BOUND;
  await writeFile(file, JSON.stringify(template));
  relay = await startRelay({ assembly: folder });
});
afterAll(async () => {
  await relay.stop();
  await rm(folder, { recursive: true, force: true });
});

const inUse = async (): Promise<number> => (await relay.get("/networks/default")).body.inUse;

describe("a flood of commands to stations that do not answer", () => {
  it("ends at their function's bound, and leaves stations and other requests alone", async () => {
    const silent: RawStation[] = await Promise.all(
      ["silent-1", "silent-2", "silent-3"].map((identity) => relay.rawStation(identity)),
    );
    const speaking = await relay.station("speaking");
    const send = (n: number) =>
      relay.post("/ocpp/v2/raw-request", {
        action: "ClearCache",
        assetId: `silent-${(n % silent.length) + 1}`,
        payload: {},
        async: false,
      });

    const admitted = Array.from({ length: BOUND }, (_, n) => send(n));
    await until(async () => (await inUse()) === BOUND);
    const refused = await Promise.all(Array.from({ length: 5 }, (_, n) => send(n)));

    expect(refused.map(({ status }) => status)).toEqual(Array(5).fill(503));
    expect(await speaking.call("Heartbeat", {})).toHaveProperty("currentTime");
    expect((await relay.command("speaking", "reset", { type: "Soft" })).body.status).toBe("Accepted");
    expect(await inUse()).toBe(BOUND);

    for (const station of silent) await station.close({ abrupt: true });
    // out when the connection broke, or still in line then
    for (const { status } of await Promise.all(admitted)) expect([502, 409]).toContain(status);
    await until(async () => (await inUse()) === 0);
  });
});
