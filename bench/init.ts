/** How long the functions take to initialise, and how much code that is. */
import { execFileSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { BundleSize } from "../infra/bundle.ts";
import { functionsOf } from "../local/lambda/definitions.ts";
import { loadAssembly } from "../local/template.ts";
import { median } from "./figures.ts";

export interface Init {
  readonly id: string;
  /** What init loads. */
  readonly bytes: number;
  /** The median over fresh processes. */
  readonly ms: number;
}

interface Candidate {
  readonly id: string;
  readonly bytes: number;
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The SDK's clients alone, then every function of the assembly. Each round starts each of them once, so that
 * whatever else the machine does meets all alike. Without a compile cache, as in a Lambda environment.
 */
export async function measureInit(assembly: string, scratch: string, rounds: number): Promise<Init[]> {
  const candidates = [await sdkClients(scratch), ...(await functions(assembly))];
  const tookMs = new Map(candidates.map(({ id }) => [id, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const candidate of candidates) tookMs.get(candidate.id)?.push(initMs(candidate));
  }
  return candidates.map(({ id, bytes }) => ({ id, bytes, ms: median(tookMs.get(id) ?? []) }));
}

/** Bundled as usual for Lambda: esbuild, minified, names kept, in one file. */
async function sdkClients(scratch: string): Promise<Candidate> {
  const outfile = join(scratch, "sdk-clients.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "sdk-clients.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    legalComments: "none",
  });
  const { size: bytes } = await stat(outfile);
  return { id: "SDK clients alone", bytes, entry: pathToFileURL(outfile).href, variables: {} };
}

async function functions(assembly: string): Promise<Candidate[]> {
  const file = await readFile(join(assembly, "functions/bundles.json"), "utf8");
  const sizes = JSON.parse(file) as Record<string, BundleSize>;
  return functionsOf(loadAssembly(assembly))
    .filter(({ id }) => id in sizes)
    .map(({ id, entry, variables }) => ({ id, entry, variables, bytes: sizes[id]?.eagerBytes ?? 0 }));
}

const probe = `
  const startedAt = performance.now();
  await import(process.argv[1]);
  console.log(performance.now() - startedAt);
`;

function initMs({ entry, variables }: Candidate): number {
  const env = { AWS_REGION: "eu-central-1", NODE_OPTIONS: "--enable-source-maps", ...variables };
  const args = ["--input-type=module", "--eval", probe, entry];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8", env }));
}
