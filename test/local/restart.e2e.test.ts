import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startRelay } from "../support/relay.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describe("the local stack with a data directory", () => {
  it("reads no station connected after a restart, before the station connects", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "relay-"));
    folders.push(dataDir);
    const first = await startRelay({ dataDir });
    const station = await first.rawStation("stays");
    expect((await first.get("/stations/stays")).body.connection.connected).toBe(true);
    await first.stop();
    await station.closed;

    const second = await startRelay({ dataDir });
    const { body } = await second.get("/stations/stays");
    await second.stop();

    expect(body.connection.connected).toBe(false);
  });
});
