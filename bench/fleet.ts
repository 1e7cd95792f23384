/**
 * Connects a whole fleet to the relay on one machine: registers it by import, connects every station, lets all send
 * Heartbeats, cuts all connections at once and lets every station reconnect.
 *
 * The relay runs in this process, the stations in a second one.
 */
import { type LocalRelay, startLocal } from "../local/relay.ts";
import { fetchToken } from "../local/stations/registration.ts";
import type { Child } from "./children.ts";
import type { LoadRequests } from "./load.ts";
import { rate, reportOf, startPhases } from "./phases.ts";

/** So many stations are registered by one request: 500 take more than its 28 s where others use the processors. */
const IMPORT = 200;
const HEARTBEATS_FOR_MS = 10_000;

/** @returns the figures as a Markdown table */
export async function measureFleet(
  load: Child<LoadRequests>,
  assembly: string,
  stations: number,
  say: (line: string) => void,
): Promise<string> {
  const relay = await startLocal({ assembly });
  const phases = startPhases(stations, say);
  try {
    const fleet: FleetStation[] = [];
    await phases.run(`register ${stations} stations, ${IMPORT} in a request`, async () => {
      const startedAt = performance.now();
      fleet.push(...(await importFleet(relay, stations)));
      return { rate: `${rate(stations, performance.now() - startedAt)}/s`, detail: "one request at a time" };
    });
    const stationUrl = `${relay.stationUrl}/ocpp`;
    await phases.run("connect", async () =>
      reportOf(await load.ask("connectFleet", "fleet", stationUrl, fleet)),
    );
    await phases.run("Heartbeats", async () => {
      const { done, perSecond } = await load.ask("heartbeatRate", "fleet", HEARTBEATS_FOR_MS);
      return { rate: `${perSecond.toFixed(0)}/s`, detail: `${done} answered` };
    });
    await phases.run("reconnect, all at once", async () =>
      reportOf(await load.ask("reconnectFleet", "fleet")),
    );
    await phases.run("Heartbeats", async () => {
      const { done, perSecond } = await load.ask("heartbeatRate", "fleet", HEARTBEATS_FOR_MS);
      return { rate: `${perSecond.toFixed(0)}/s`, detail: `${done} answered` };
    });
    return phases.table();
  } finally {
    phases.end();
    await relay.close();
  }
}

export interface FleetStation {
  readonly identity: string;
  readonly password: string;
}

/** Registers stations with generated passwords. */
export async function importFleet(
  { apiUrl }: LocalRelay,
  count: number,
  name = "fleet",
): Promise<FleetStation[]> {
  const token = await fetchToken(apiUrl, "demo", "demo-secret");
  const fleet: FleetStation[] = [];
  for (let first = 0; first < count; first += IMPORT) {
    const stations = Array.from({ length: Math.min(IMPORT, count - first) }, (_, index) => ({
      identity: `${name}-${first + index}`,
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
