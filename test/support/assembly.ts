import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { synthesize } from "../../infra/synth.ts";
import { writeReport } from "./rights-report.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the synthesized stack: templates, manifest, the functions' bundles. */
    assembly: string;
  }
}

/**
 * Synthesizes the stack once per run, in a folder of the run's own: `inject("assembly")`. At the end it sums up which
 * rights the run's stacks used. `STATION_ANSWERS=route` synthesizes with that setting instead of the default.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-assembly-"));
  const { STATION_ANSWERS: stationAnswers } = process.env;
  const context = stationAnswers ? { stationAnswers } : {};
  project.provide("assembly", await synthesize({ outdir: folder, context }));
  return async () => {
    writeReport(folder);
    await rm(folder, { recursive: true, force: true });
  };
}
