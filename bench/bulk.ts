/**
 * One bulk command to a whole fleet, while callers go on sending single commands to other stations of the same network.
 *
 * The relay runs in this process, stations and callers in a second one.
 */
import { type LocalRelay, startLocal } from "../local/relay.ts";
import { fetchToken } from "../local/stations/registration.ts";
import type { Child } from "./children.ts";
import { percentile } from "./figures.ts";
import { importFleet } from "./fleet.ts";
import type { LoadRequests, Singles } from "./load.ts";
import { rate, reportOf, startPhases } from "./phases.ts";

/** Stations that get single commands, each from one caller. */
const OTHERS = 3;
const STATION_MS = 20;
const WARM_UP_MS = 10_000;
const BEFORE_MS = 30_000;

/** @returns the figures as a Markdown table */
export async function measureBulk(
  load: Child<LoadRequests>,
  assembly: string,
  stations: number,
  say: (line: string) => void,
): Promise<string> {
  const relay = await startLocal({ assembly });
  const phases = startPhases(stations, say);
  try {
    const fleet = await importFleet(relay, stations);
    const others = await importFleet(relay, OTHERS, "other");
    const stationUrl = `${relay.stationUrl}/ocpp`;
    await phases.run("connect", async () =>
      reportOf(await load.ask("connectFleet", "fleet", stationUrl, fleet)),
    );
    const callers = await endpointsOf(relay);
    await load.ask("connectFleet", "others", stationUrl, others, callers);
    await load.ask("singleCommands", "others", STATION_MS, WARM_UP_MS);
    await phases.run(`single commands, ${OTHERS} callers, before`, async () =>
      ofSingles(await load.ask("singleCommands", "others", STATION_MS, BEFORE_MS)),
    );
    const singles: Singles[] = [];
    await phases.run(`bulk reset of ${stations} stations`, async () => {
      const ids = fleet.map(({ identity }) => identity);
      const { ms, counts, parallel, during } = await load.ask("bulkReset", "others", STATION_MS, ids);
      singles.push(during);
      const { total, accepted } = counts;
      if (accepted !== total) throw new Error(`the bulk command ended with ${JSON.stringify(counts)}`);
      const detail = `${(ms / 1000).toFixed(0)} s, ${parallel} stations at once; ${accepted} of ${total} accepted`;
      return { rate: `${rate(stations, ms)}/s`, detail };
    });
    for (const during of singles) {
      const { rate: perSecond, detail } = ofSingles(during);
      phases.add("… single commands meanwhile", perSecond, detail);
    }
    return phases.table();
  } finally {
    phases.end();
    await relay.close();
  }
}

function ofSingles({ tookMs, refused, ms }: Singles) {
  const took = (share: number) => `${percentile(tookMs, share).toFixed(0)} ms`;
  return {
    rate: `${rate(tookMs.length, ms)}/s`,
    detail: `p50 ${took(0.5)}, p99 ${took(0.99)}; ${refused} of ${tookMs.length + refused} got 429`,
  };
}

async function endpointsOf({ apiUrl }: LocalRelay) {
  const headers = { authorization: `Bearer ${await fetchToken(apiUrl, "demo", "demo-secret")}` };
  const configuration = {
    path: "/remote_commands/synchronous/{identity}/get_configuration",
    body: JSON.stringify({ keys: ["HeartbeatInterval"] }),
  };
  return { apiUrl, headers, commands: { configuration, raw: configuration, attempt: configuration } };
}
