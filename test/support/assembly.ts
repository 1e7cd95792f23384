import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { synthesize } from "../../infra/synth.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the synthesized stack: templates, manifest, the functions' bundles. */
    assembly: string;
  }
}

/** Synthesizes the stack once per run, in a folder of the run's own: `inject("assembly")`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-assembly-"));
  project.provide("assembly", await synthesize({ outdir: folder }));
  return () => rm(folder, { recursive: true, force: true });
}
