/**
 * What the relay on one machine achieves, beside the least that does the same job.
 *
 *     npm run bench                       under two minutes
 *     npm run bench -- --quick            under one
 *
 * The relay runs in this process, stations and callers in a second one, `ocpp-rpc` behind node:http in a third.
 * Relay and bare server take turns within each round, so that a machine that is busy meanwhile is busy for both:
 * their ratio is to be trusted further than either figure. What the figures say: docs/performance.md.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "../infra/synth.ts";
import { type LocalRelay, startLocal } from "../local/relay.ts";
import { fetchToken, registerStation } from "../local/stations/registration.ts";
import type { BareRequests } from "./bare.ts";
import { startChild } from "./children.ts";
import { measureInit } from "./init.ts";
import type { Doors, LoadRequests, Rate } from "./load.ts";
import { type Figures, report, type Subject } from "./report.ts";

const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
const { rounds, roundTrips, forMs, warmUpMs, processes } = quick
  ? { rounds: 2, roundTrips: 60, forMs: 1500, warmUpMs: 8_000, processes: 15 }
  : { rounds: 3, roundTrips: 100, forMs: 2000, warmUpMs: 30_000, processes: 15 };

const STATIONS = 10;
const CALLERS_PER_STATION = 5;
const STATION_MS = 20;
const PASSWORD = "a-station-of-the-bench";
const identities = Array.from({ length: STATIONS }, (_, index) => `bench-${index}`);

const scratch = await mkdtemp(join(tmpdir(), "ocpp-relay-bench-"));
const bare = startChild<BareRequests>("./bare.ts");
const load = startChild<LoadRequests>("./load.ts");
let relay: LocalRelay | undefined;
try {
  say("bundling the functions");
  const assembly = await synthesize({ outdir: join(scratch, "assembly") });
  relay = await startLocal({ assembly });
  await load.ask("connect", "relay", await relayDoors(relay), identities, PASSWORD);
  await load.ask("connect", "bare", await bareDoors(), identities, PASSWORD);
  say("warming up");
  await warmUp();
  const figures = await measure(relay);
  await relay.close();
  say("starting each function in processes of its own");
  console.log(report(figures, await measureInit(assembly, scratch, processes)));
} finally {
  await relay?.close();
  bare.end();
  load.end();
  await rm(scratch, { recursive: true, force: true });
}

function say(line: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`);
}

/** Registers the stations, in a network that admits as many commands at once as there are callers. */
async function relayDoors({ apiUrl, stationUrl }: LocalRelay): Promise<Doors> {
  const token = await fetchToken(apiUrl, "demo", "demo-secret");
  const authorization = `Bearer ${token}`;
  const admitted = await fetch(`${apiUrl}/networks/default`, {
    method: "PUT",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ parallelRequests: 100 }),
  });
  if (!admitted.ok) throw new Error(`PUT /networks/default: ${admitted.status} ${await admitted.text()}`);
  for (const identity of identities) {
    await registerStation(apiUrl, token, { identity, password: PASSWORD });
  }
  return {
    stationUrl: `${stationUrl}/ocpp`,
    apiUrl,
    headers: { authorization },
    path: "/remote_commands/synchronous/{identity}/get_configuration",
    body: JSON.stringify({ keys: ["HeartbeatInterval"] }),
  };
}

async function bareDoors(): Promise<Doors> {
  const body = JSON.stringify({ key: ["HeartbeatInterval"] });
  return { ...(await bare.ask("listen")), headers: {}, path: "/{identity}/GetConfiguration", body };
}

function commands(subject: Subject, forThisLong: number): Promise<Rate> {
  return load.ask("commandRate", subject, CALLERS_PER_STATION, STATION_MS, forThisLong);
}

/**
 * Starts the execution environments that the rounds will need, and lets V8 compile what they run: fifty of them,
 * each with code of its own, which takes the two cores longer than there is time for.
 */
async function warmUp(): Promise<void> {
  await commands("bare", 1000);
  await load.ask("heartbeatRate", "bare", 1000);
  await commands("relay", warmUpMs);
  await load.ask("heartbeatRate", "relay", 3000);
  await load.ask("roundTrips", "relay", 200, 0);
}

async function measure({ metrics, resetMetrics }: LocalRelay): Promise<Figures> {
  const both = () => ({ relay: [] as number[], bare: [] as number[] });
  const figures = {
    atOnce: { tookMs: both(), requests: [] as number[] },
    slow: { tookMs: both(), requests: [] as number[] },
    commands: { perSecond: both(), requests: [] as number[] },
    heartbeats: { perSecond: both(), requests: [] as number[] },
  };
  /** Runs a trial of each subject, and counts the relay's DynamoDB requests per thing done. */
  const trial = async (requests: number[], run: (subject: Subject) => Promise<number>) => {
    const order = requests.length % 2 === 0 ? (["relay", "bare"] as const) : (["bare", "relay"] as const);
    for (const subject of order) {
      resetMetrics();
      const done = await run(subject);
      if (subject === "relay") requests.push(metrics().dynamodb.total / done);
    }
  };
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`);
    for (const [delayMs, { tookMs, requests }] of [
      [0, figures.atOnce],
      [STATION_MS, figures.slow],
    ] as const) {
      await trial(requests, async (subject) => {
        tookMs[subject].push(...(await load.ask("roundTrips", subject, roundTrips, delayMs)));
        return roundTrips;
      });
    }
    for (const [{ perSecond, requests }, rate] of [
      [figures.commands, (subject: Subject) => commands(subject, forMs)],
      [figures.heartbeats, (subject: Subject) => load.ask("heartbeatRate", subject, forMs)],
    ] as const) {
      await trial(requests, async (subject) => {
        const measured = await rate(subject);
        perSecond[subject].push(measured.perSecond);
        return measured.done;
      });
    }
  }
  return { ...figures, overlaps: await load.ask("takeOverlaps") };
}
