/**
 * Connects a whole fleet to the relay on one machine: registers it by import, connects every station, lets all send
 * Heartbeats, cuts all connections at once and lets every station reconnect.
 *
 * The relay runs in this process, the stations in a second one.
 */
import { availableParallelism, cpus } from "node:os";
import { type LocalRelay, startLocal } from "../local/relay.ts";
import { fetchToken } from "../local/stations/registration.ts";
import type { Child } from "./children.ts";
import { percentile } from "./figures.ts";
import type { Connected, LoadRequests } from "./load.ts";

/** So many stations are registered by one request: 500 take more than its 28 s where others use the processors. */
const IMPORT = 200;
const HEARTBEATS_FOR_MS = 10_000;
const MEMORY_EVERY_MS = 250;

type Row = readonly [what: string, rate: string, detail: string];

/** @returns the figures as a Markdown table */
export async function measureFleet(
  load: Child<LoadRequests>,
  assembly: string,
  stations: number,
  say: (line: string) => void,
): Promise<string> {
  const relay = await startLocal({ assembly });
  const memory = watchMemory();
  const rows: Row[] = [];
  const phase = async (what: string, run: () => Promise<{ rate: string; detail: string }>) => {
    say(what);
    memory.reset();
    const cpu = process.cpuUsage();
    const { rate, detail } = await run();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = ((user + system) / 1e6).toFixed(0);
    rows.push([what, rate, `${detail}; ${seconds} s of processor time, at most ${memory.most()} MB`]);
  };
  try {
    const fleet: { identity: string; password: string }[] = [];
    await phase(`register ${stations} stations, ${IMPORT} in a request`, async () => {
      const startedAt = performance.now();
      fleet.push(...(await importFleet(relay, stations)));
      return { rate: `${rate(stations, performance.now() - startedAt)}/s`, detail: "one request at a time" };
    });
    const stationUrl = `${relay.stationUrl}/ocpp`;
    await phase("connect", async () => reportOf(await load.ask("connectFleet", "fleet", stationUrl, fleet)));
    await phase("Heartbeats", async () => {
      const { done, perSecond } = await load.ask("heartbeatRate", "fleet", HEARTBEATS_FOR_MS);
      return { rate: `${perSecond.toFixed(0)}/s`, detail: `${done} answered` };
    });
    await phase("reconnect, all at once", async () => reportOf(await load.ask("reconnectFleet", "fleet")));
    await phase("Heartbeats", async () => {
      const { done, perSecond } = await load.ask("heartbeatRate", "fleet", HEARTBEATS_FOR_MS);
      return { rate: `${perSecond.toFixed(0)}/s`, detail: `${done} answered` };
    });
    return table(rows, stations);
  } finally {
    memory.end();
    await relay.close();
  }
}

async function importFleet({ apiUrl }: LocalRelay, count: number) {
  const token = await fetchToken(apiUrl, "demo", "demo-secret");
  const fleet: { identity: string; password: string }[] = [];
  for (let first = 0; first < count; first += IMPORT) {
    const stations = Array.from({ length: Math.min(IMPORT, count - first) }, (_, index) => ({
      identity: `fleet-${first + index}`,
      auth: { type: "basic" },
    }));
    const response = await fetch(`${apiUrl}/stations/import`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ stations }),
    });
    if (!response.ok) throw new Error(`import: ${response.status} ${await response.text()}`);
    const { results } = (await response.json()) as {
      results: { identity: string; outcome: string; password?: string }[];
    };
    for (const { identity, outcome, password } of results) {
      if (password === undefined) throw new Error(`import: ${identity} is ${outcome}`);
      fleet.push({ identity, password });
    }
  }
  return fleet;
}

const rate = (count: number, ms: number) => ((count * 1000) / ms).toFixed(0);

function reportOf({ ms, tookMs, refused }: Connected) {
  const seconds = (share: number) => (percentile(tookMs, share) / 1000).toFixed(1);
  return {
    rate: `${rate(tookMs.length, ms)}/s`,
    detail: `${refused} refused; a handshake took ${seconds(0.5)} s (median), ${seconds(1)} s (longest)`,
  };
}

function watchMemory() {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, MEMORY_EVERY_MS);
  return {
    most: () => Math.round(Math.max(most, process.memoryUsage.rss()) / 1e6),
    reset: () => {
      most = 0;
    },
    end: () => clearInterval(timer),
  };
}

function table(rows: readonly Row[], stations: number): string {
  return [
    `${stations} stations; ${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.version}, for the relay and the stations together`,
    "",
    "| | rate | the relay |",
    "|---|---:|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}
