/** Phases of a bench of a fleet, each a row of its table, with the processor time and memory of the relay's process. */
import { availableParallelism, cpus } from "node:os";
import { percentile } from "./figures.ts";
import type { Connected } from "./load.ts";

const MEMORY_EVERY_MS = 250;

type Row = readonly [what: string, rate: string, detail: string];

export interface Phases {
  /** Runs a phase. */
  run(what: string, phase: () => Promise<{ readonly rate: string; readonly detail: string }>): Promise<void>;
  /** A row without a phase of its own. */
  add(...row: Row): void;
  /** The rows as a Markdown table. */
  table(): string;
  end(): void;
}

export function startPhases(stations: number, say: (line: string) => void): Phases {
  const memory = watchMemory();
  const rows: Row[] = [];
  return {
    async run(what, phase) {
      say(what);
      memory.reset();
      const cpu = process.cpuUsage();
      const { rate, detail } = await phase();
      const { user, system } = process.cpuUsage(cpu);
      const seconds = ((user + system) / 1e6).toFixed(0);
      rows.push([what, rate, `${detail}; ${seconds} s of processor time, at most ${memory.most()} MB`]);
    },
    add: (...row) => void rows.push(row),
    table: () =>
      [
        `${stations} stations; ${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.version}, for the relay and the stations together`,
        "",
        "| | rate | the relay |",
        "|---|---:|---|",
        ...rows.map((row) => `| ${row.join(" | ")} |`),
      ].join("\n"),
    end: memory.end,
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

export const rate = (count: number, ms: number) => ((count * 1000) / ms).toFixed(0);

export function reportOf({ ms, tookMs, refused }: Connected) {
  const seconds = (share: number) => (percentile(tookMs, share) / 1000).toFixed(1);
  return {
    rate: `${rate(tookMs.length, ms)}/s`,
    detail: `${refused} refused; a handshake took ${seconds(0.5)} s (median), ${seconds(1)} s (longest)`,
  };
}
