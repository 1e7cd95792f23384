/** The figures as Markdown, beside what they are to beat. */
import { availableParallelism, cpus } from "node:os";
import { median, percentile } from "./figures.ts";
import type { Init } from "./init.ts";

export type Subject = "relay" | "bare";

export interface Trials {
  /** Milliseconds of each command, or a rate for each trial. */
  readonly values: Readonly<Record<Subject, readonly number[]>>;
  /** DynamoDB requests for each thing done, a value for each trial of the relay. */
  readonly requests: readonly number[];
  /** Processor time of the functions for each thing done, a value for each trial of the relay. */
  readonly processorMs: readonly number[];
}

export interface Figures {
  readonly atOnce: Trials;
  readonly slow: Trials;
  readonly raw: Trials;
  readonly attempts: Trials;
  readonly heartbeats: Trials;
  readonly commands: Trials;
  /** How often a station got a CALL while another was outstanding. */
  readonly overlaps: number;
}

/** What a server with a broker and a database does on two cores (CitrineOS 1.8.3, measured). */
const OTHERS = { slowP50Ms: 26.8, commandsPerSecond: 254, heartbeatsPerSecond: 1238 };
const MAX_INIT_RATIO = 1.35;

type Row = readonly [what: string, relay: string, bare: string, ratio: string, target: string, met: string];

export function report(figures: Figures, inits: readonly Init[]): string {
  const { atOnce, slow, raw, attempts, commands, heartbeats, overlaps } = figures;
  const [clients, ...functions] = inits;
  const clientsMs = clients?.ms ?? Number.NaN;
  const slowest = functions.toSorted((one, other) => other.ms - one.ms)[0];
  const slowestRatio = (slowest?.ms ?? Number.NaN) / clientsMs;
  const rows: Row[] = [
    roundTrip("one command, station answers at once, p50", atOnce, 0.5),
    roundTrip("… p99", atOnce, 0.99),
    roundTrip("one command, station takes 20 ms, p50", slow, 0.5, OTHERS.slowP50Ms),
    roundTrip("… p99", slow, 0.99),
    roundTrip("one raw request, station answers at once, p50", raw, 0.5),
    roundTrip("one attempt, until its 201, p50", attempts, 0.5),
    throughput("commands/s, 10 stations × 5 callers, 20 ms", commands, OTHERS.commandsPerSecond),
    ["… two CALLs outstanding at a station", String(overlaps), "", "", "0", met(overlaps === 0)],
    throughput("Heartbeats/s, 10 stations", heartbeats, OTHERS.heartbeatsPerSecond),
    [
      `slowest init, ${slowest?.id}, against the SDK's clients alone`,
      ms(slowest?.ms ?? Number.NaN),
      ms(clientsMs),
      times(slowestRatio),
      `≤ ${MAX_INIT_RATIO}`,
      met(slowestRatio <= MAX_INIT_RATIO),
    ],
  ];
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;
  return [
    `${machine}, for the relay, what it is compared with, stations and callers together`,
    "",
    "| | relay | bare `ocpp-rpc` | ratio | to beat | |",
    "|---|---:|---:|---:|---:|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    `DynamoDB requests per command: ${count(atOnce)} where the station answers at once, ${count(slow)} at 20 ms, ` +
      `${count(commands)} with 5 callers per station; per raw request ${count(raw)}, per attempt ${count(attempts)}, ` +
      `per Heartbeat ${count(heartbeats)}.`,
    "",
    "Processor time of the functions' threads, which is what Lambda bills where nothing is waited for: " +
      `${used(atOnce)} per command where the station answers at once, ${used(slow)} at 20 ms, ` +
      `${used(commands)} with 5 callers per station; per raw request ${used(raw)}, per attempt ${used(attempts)}, ` +
      `per Heartbeat ${used(heartbeats)}.`,
    "",
    "| function | KB | init ms | × SDK clients |",
    "|---|---:|---:|---:|",
    ...inits.map(
      ({ id, bytes, ms: took }) =>
        `| ${id} | ${kb(bytes)} | ${took.toFixed(1)} | ${times(took / clientsMs)} |`,
    ),
  ].join("\n");
}

function roundTrip(what: string, { values }: Trials, share: number, most?: number): Row {
  const [relay, bare] = [percentile(values.relay, share), percentile(values.bare, share)];
  const target = most === undefined ? (["", ""] as const) : ([`≤ ${most} ms`, met(relay <= most)] as const);
  return [what, ms(relay), ms(bare), times(relay / bare), ...target];
}

function throughput(what: string, { values }: Trials, least: number): Row {
  const [relay, bare] = [median(values.relay), median(values.bare)];
  return [what, whole(relay), whole(bare), times(relay / bare), `≥ ${whole(least)}`, met(relay >= least)];
}

const met = (is: boolean): string => (is ? "met" : "missed");
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const kb = (bytes: number): string => (bytes / 1000).toFixed(0);
const times = (ratio: number): string => (ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2));
const whole = (value: number): string => Math.round(value).toLocaleString("en");
const used = ({ processorMs }: Trials): string => ms(median(processorMs));
const count = ({ requests }: Trials): string => median(requests).toFixed(1);
