import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDemoStations, type DemoStations } from "../../local/stations/demo.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

const run = promisify(execFile);

let relay: RelayUnderTest;
let stations: DemoStations;

beforeAll(async () => {
  relay = await startRelay();
  stations = await connectDemoStations({
    stationUrl: `${relay.local.stationUrl}/ocpp`,
    apiUrl: relay.local.apiUrl,
    getToken: async () => relay.token,
    withinMs: 30_000,
  });
});
afterAll(async () => {
  await Promise.all(stations.connected.map((station) => station.close()));
  await relay.stop();
});

/** The shell blocks of a page that talk to a running relay, in order. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  return blocks.filter((block) => !/^(npm|npx|sam) /m.test(block));
}

/** Runs the blocks in one shell, as a reader would paste them, on the ports of this test. */
async function paste(blocks: readonly string[]): Promise<string> {
  const { port } = new URL(relay.local.apiUrl);
  const script = blocks.join("\n");
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], {
    env: { ...process.env, API_PORT: port },
    timeout: 50_000,
  });
  return stdout;
}

describe("the pages for API clients", () => {
  it("README and docs/api.md have shell blocks that succeed in order, on any port", async () => {
    const [readme, api] = [await blocksOf("README.md"), await blocksOf("docs/api.md")];
    expect([readme.length, api.length]).toEqual([7, 7]);

    const output = await paste([...readme, ...api]);

    expect(output).not.toContain("/problems/");
    expect(output).not.toContain('"message":');
    for (const found of [
      '"key":"HeartbeatInterval"',
      '"key":"OCPPCommCtrlr.HeartbeatInterval"',
      '"identity":"CP7"',
      '"state":"started"',
      '"messageType":"CALL_RESULT"',
      '"unknownKeys":["NoSuchKey"]',
      '"rateId":"day"',
    ]) {
      expect(output).toContain(found);
    }
    const references = [...output.matchAll(/"referenceId":"([^"]+)"/g)].map(([, id]) => id);
    expect(references).toHaveLength(4);
    expect(references[1]).toBe(references[2]);
  });
});
