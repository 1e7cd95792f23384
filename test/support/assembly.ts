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
 * rights the run's stacks used.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-assembly-"));
  project.provide("assembly", await synthesize({ outdir: folder }));
  return async () => {
    writeReport(folder);
    await rm(folder, { recursive: true, force: true });
  };
}
