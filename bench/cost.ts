/**
 * What the relay costs on AWS: measured counts, list prices, and what is assumed about stations.
 *
 *     npm run cost                    prints the tables of docs/cost.md and README.md and writes them there
 *     npm run cost -- --measure       counts anew before, on this machine: bench/cost/counts.json; five minutes
 *     npm run cost -- --measure reset reconnect     only these operations; the other counts stay
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "../infra/synth.ts";
import { fixedOf } from "./cost/fixed.ts";
import { type Counts, measure } from "./cost/measure.ts";
import { assumed, type Measured } from "./cost/model.ts";
import { type OperationName, operationNames, startWorld } from "./cost/operations.ts";
import { fillIn, tables } from "./cost/report.ts";

const countsFile = new URL("./cost/counts.json", import.meta.url);
const pages = ["../docs/cost.md", "../README.md"].map((path) => new URL(path, import.meta.url));

const { measures, names } = argumentsOf();
const read = async () => JSON.parse(await readFile(countsFile, "utf8")) as Measured;
if (measures) {
  const anew = await measureAll(names.length > 0 ? names : operationNames);
  const operations =
    names.length > 0 ? { ...(await read()).operations, ...anew.operations } : anew.operations;
  await writeFile(countsFile, `${JSON.stringify({ ...anew, operations }, null, 2)}\n`);
}
const contents = tables(await read());
for (const [name, content] of Object.entries(contents)) console.log(`${name}\n\n${content}\n`);
for (const page of pages) await writeFile(page, fillIn(await readFile(page, "utf8"), contents));

function argumentsOf(): { readonly measures: boolean; readonly names: readonly OperationName[] } {
  try {
    const { values, positionals } = parseArgs({
      options: { measure: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const unknown = positionals.filter((name) => !(operationNames as readonly string[]).includes(name));
    if (unknown.length > 0) throw new Error(`no operation ${unknown.join(", ")}`);
    return { measures: values.measure, names: positionals as OperationName[] };
  } catch (error) {
    console.error(`npm run cost: ${(error as Error).message}`);
    process.exit(1);
  }
}

async function measureAll(names: readonly OperationName[]): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-cost-"));
  try {
    const assembly = await synthesize({ outdir: folder });
    const template = JSON.parse(await readFile(join(assembly, "ocpp-relay-prod.template.json"), "utf8"));
    const world = await startWorld(assembly, assumed.stationMs);
    try {
      const counts: Partial<Record<OperationName, Counts>> = {};
      for (const name of names) {
        console.error(name);
        counts[name] = await measure(world, name);
      }
      return {
        measured: new Date().toISOString().slice(0, 10),
        fixed: fixedOf(template),
        operations: counts as Record<OperationName, Counts>,
      };
    } finally {
      await world.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
