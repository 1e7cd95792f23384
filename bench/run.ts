/**
 * Compares the relay on one machine with the minimum that does the same job.
 *
 *     npm run bench                       under two minutes
 *     npm run bench -- --quick            under one
 *     npm run bench -- --stations 10000   connects a fleet instead; ten minutes on two cores
 *     npm run bench -- --bulk 2000        sends a bulk command to a fleet instead; seven minutes
 *
 * The relay runs in this process, stations and callers in a second one, `ocpp-rpc` behind node:http in a third.
 * Trials of the relay and the bare server alternate, so that other load on the machine affects both: their ratio is
 * more reliable than either figure. docs/performance.md explains the figures.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "../infra/synth.ts";
import { type LocalRelay, startLocal } from "../local/relay.ts";
import { fetchToken, registerStation } from "../local/stations/registration.ts";
import type { BareRequests } from "./bare.ts";
import { measureBulk } from "./bulk.ts";
import { startChild } from "./children.ts";
import { measureFleet } from "./fleet.ts";
import { measureInit } from "./init.ts";
import type { CommandKind, Endpoints, LoadRequests, Rate } from "./load.ts";
import { type Figures, report, type Subject, type Trials } from "./report.ts";

const {
  quick,
  stations: fleetSize,
  bulk: bulkSize,
} = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    stations: { type: "string" },
    bulk: { type: "string" },
  },
}).values;
const { rounds, roundTrips, forMs, warmUpMs, processes } = quick
  ? { rounds: 2, roundTrips: 50, forMs: 1500, warmUpMs: 8_000, processes: 15 }
  : { rounds: 4, roundTrips: 80, forMs: 1500, warmUpMs: 25_000, processes: 15 };

const STATIONS = 10;
const CALLERS_PER_STATION = 5;
const STATION_MS = 20;
const PASSWORD = "a-station-of-the-bench";
const identities = Array.from({ length: STATIONS }, (_, index) => `bench-${index}`);

say(`load average before: ${loadavg()[0]?.toFixed(1)} (more than 0.5 is others, who slow down what follows)`);
const scratch = await mkdtemp(join(tmpdir(), "ocpp-relay-bench-"));
const bare = startChild<BareRequests>("./bare.ts");
const load = startChild<LoadRequests>("./load.ts");
try {
  say("bundling the functions");
  const assembly = await synthesize({ outdir: join(scratch, "assembly") });
  if (fleetSize !== undefined) console.log(await measureFleet(load, assembly, Number(fleetSize), say));
  else if (bulkSize !== undefined) console.log(await measureBulk(load, assembly, Number(bulkSize), say));
  else await compare(assembly);
  say("done");
} finally {
  bare.end();
  load.end();
  await rm(scratch, { recursive: true, force: true });
}
if (fleetSize === undefined && bulkSize === undefined) await import("./versions.ts");

async function compare(assembly: string): Promise<void> {
  const relay = await startLocal({ assembly });
  try {
    await load.ask("connect", "relay", await relayEndpoints(relay), identities, PASSWORD);
    await load.ask("connect", "bare", await bareEndpoints(), identities, PASSWORD);
    const figures = await measure(relay);
    await relay.close();
    say("starting each function in processes of its own");
    console.log(report(figures, await measureInit(assembly, scratch, processes)));
  } finally {
    await relay.close();
  }
}

function say(line: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`);
}

/** Registers the stations, in a network that admits as many commands at once as there are callers. */
async function relayEndpoints({ apiUrl, stationUrl }: LocalRelay): Promise<Endpoints> {
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
    commands: {
      configuration: {
        path: "/remote_commands/synchronous/{identity}/get_configuration",
        body: JSON.stringify({ keys: ["HeartbeatInterval"] }),
      },
      raw: {
        path: "/ocpp/v2/raw-request",
        body: JSON.stringify({
          action: "GetConfiguration",
          assetId: identities[0],
          async: false,
          payload: { key: ["HeartbeatInterval"] },
        }),
      },
      attempt: {
        path: "/remote_commands/asynchronous/remote_start_attempt",
        body: JSON.stringify({ cpId: identities[0], idTag: "BENCH" }),
      },
    },
  };
}

async function bareEndpoints(): Promise<Endpoints> {
  const configuration = {
    path: "/{identity}/GetConfiguration",
    body: JSON.stringify({ key: ["HeartbeatInterval"] }),
  };
  const attempt = {
    path: "/{identity}/RemoteStartTransaction",
    body: JSON.stringify({ idTag: "BENCH" }),
  };
  const commands = { configuration, raw: configuration, attempt };
  return { ...(await bare.ask("listen")), headers: {}, commands };
}

/**
 * Alternates trials of the relay and the bare server, one kind after the other. A caller that sends one command at a
 * time gets a warm environment, as in the long run, and not one of fifty that have just started.
 */
async function measure(relay: LocalRelay): Promise<Figures> {
  const roundTripsOf =
    (delayMs: number, kind: CommandKind = "configuration") =>
    async (subject: Subject, calls: number) => {
      const values = await load.ask("roundTrips", subject, kind, calls, delayMs);
      return { values, done: calls };
    };
  const rateOf =
    (rate: (subject: Subject, ms: number) => Promise<Rate>) => async (subject: Subject, ms: number) => {
      const { perSecond, done } = await rate(subject, ms);
      return { values: [perSecond], done };
    };
  const heartbeats = (subject: Subject, ms: number) => load.ask("heartbeatRate", subject, ms);
  const commands = (subject: Subject, ms: number) =>
    load.ask("commandRate", subject, CALLERS_PER_STATION, STATION_MS, ms);

  say("one caller, stations that answer at once");
  const atOnce = await byTurns(relay, roundTripsOf(0), 500, roundTrips);
  say(`one caller, stations that take ${STATION_MS} ms`);
  const slow = await byTurns(relay, roundTripsOf(STATION_MS), 30, roundTrips);
  say("raw requests");
  const raw = await byTurns(relay, roundTripsOf(0, "raw"), 100, roundTrips);
  say("attempts that the station rejects");
  const attempts = await byTurns(relay, roundTripsOf(0, "attempt"), 100, roundTrips);
  say("Heartbeats");
  const beats = await byTurns(relay, rateOf(heartbeats), 4000, forMs);
  say("all callers");
  const all = await byTurns(relay, rateOf(commands), warmUpMs, forMs);
  const overlaps = await load.ask("takeOverlaps");
  return { atOnce, slow, raw, attempts, heartbeats: beats, commands: all, overlaps };
}

/** @param run does the given number of operations; returns its measurements and how many it did */
async function byTurns(
  { metrics, resetMetrics }: LocalRelay,
  run: (subject: Subject, much: number) => Promise<{ values: readonly number[]; done: number }>,
  warmUp: number,
  each: number,
): Promise<Trials> {
  await run("bare", Math.min(warmUp, 1000));
  await run("relay", warmUp);
  const values = { relay: [] as number[], bare: [] as number[] };
  const requests: number[] = [];
  const processorMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? (["relay", "bare"] as const) : (["bare", "relay"] as const)) {
      resetMetrics();
      const trial = await run(subject, each);
      values[subject].push(...trial.values);
      if (subject === "bare") continue;
      const { dynamodb, functions } = metrics();
      requests.push(dynamodb.total / trial.done);
      const used = Object.values(functions).reduce((sum, each) => sum + each.processorMs, 0);
      processorMs.push(used / trial.done);
    }
  }
  return { values, requests, processorMs };
}
