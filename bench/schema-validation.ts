/**
 * Ways to validate OCPP payloads, compared: what they weigh in a bundle, what they cost a cold process and
 * what one message costs a warm one. Figures and the choice: docs/schema-validation.md.
 *
 *     node bench/schema-validation.ts
 *
 * @cfworker/json-schema is measured too where it is there (`npm i --no-save @cfworker/json-schema@4.1.6`).
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { _, Ajv } from "ajv";
import standaloneModule from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { ocppSchemas } from "../infra/ocpp-schemas.ts";

const PROCESSES = 15;
const WARM_MS = 400;

const root = join(import.meta.dirname, "..");
const schemaFile = (version: string) => join(root, `node_modules/ocpp-rpc/lib/schemas/${version}.json`);

type Schema = { $id: string };

/**
 * The text of a module that exports `validator(id)`, a promise of `(payload) => is it valid`. Ajv gets the
 * schemas without their `$id`: `urn:Heartbeat.req` is no URN, and its resolver refuses it.
 */
type Candidate = (version: string, folder: string) => Promise<string>;

const looseFormats = `{ "date-time": /^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$/, uri: /^\\w+:\\S+$/ }`;

const candidates: Record<string, Candidate> = {
  "shared/schema": async (version) => `
    import { validate } from ${JSON.stringify(join(root, "shared/schema/validate.ts"))};
    export async function validator(id) {
      const { default: schemas } = await import(${JSON.stringify(schemaFile(version))}, { with: { type: "json" } });
      const schema = schemas.find(({ $id }) => $id === id);
      return (payload) => validate(schema, payload).length === 0;
    }`,
  "ajv at run time": async (version) => `
    import { Ajv } from "ajv";
    const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, formats: ${looseFormats} });
    export async function validator(id) {
      const { default: schemas } = await import(${JSON.stringify(schemaFile(version))}, { with: { type: "json" } });
      return ajv.compile({ ...schemas.find(({ $id }) => $id === id), $id: undefined });
    }`,
  "ajv standalone, a chunk per action": async (version, folder) => {
    const schemas = JSON.parse(await readFile(schemaFile(version), "utf8")) as Schema[];
    await writeFile(join(folder, "formats.mjs"), `export default ${looseFormats};`);
    for (const [index, schema] of schemas.entries()) {
      const ajv = new Ajv({
        strict: false,
        allErrors: true,
        formats: { "date-time": true, uri: true },
        code: { source: true, esm: true, formats: _`require("./formats.mjs").default` },
      });
      const { $id: _id, ...anonymous } = schema;
      const code = standaloneModule.default(ajv, ajv.compile(anonymous));
      await writeFile(join(folder, `${index}.mjs`), code);
    }
    const rows = schemas.map(({ $id }, index) => `${JSON.stringify($id)}: () => import("./${index}.mjs")`);
    return `
      const actions = { ${rows.join(",\n")} };
      export async function validator(id) { return (await actions[id]()).default; }`;
  },
};

if (existsSync(join(root, "node_modules/@cfworker/json-schema"))) {
  candidates["@cfworker/json-schema"] = async (version) => `
    import { Validator } from "@cfworker/json-schema";
    export async function validator(id) {
      const { default: schemas } = await import(${JSON.stringify(schemaFile(version))}, { with: { type: "json" } });
      const validator = new Validator(schemas.find(({ $id }) => $id === id), "7", false);
      return (payload) => validator.validate(payload).valid;
    }`;
}

const at = "2026-11-20T12:00:00.000Z";
const list = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, index) => make(index));
const boot = {
  model: "Relay-22",
  vendorName: "Example",
  serialNumber: "0123456789",
  firmwareVersion: "1.2.3",
};

/** By version: schema id and payload. MeterValues has 10 × 20 samples, the configuration 50 keys. */
const messages: Record<string, Record<string, unknown>> = {
  ocpp1_6: {
    "urn:Heartbeat.req": {},
    "urn:BootNotification.req": {
      chargePointModel: "Relay-22",
      chargePointVendor: "Example",
      chargePointSerialNumber: "0123456789",
      firmwareVersion: "1.2.3",
    },
    "urn:MeterValues.req": {
      connectorId: 1,
      transactionId: 7,
      meterValue: list(10, () => ({
        timestamp: at,
        sampledValue: list(20, (index) => ({
          value: String(index),
          context: "Sample.Periodic",
          measurand: "Current.Import",
          phase: "L1",
          unit: "A",
        })),
      })),
    },
    "urn:GetConfiguration.conf": {
      configurationKey: list(50, (index) => ({ key: `Key${index}`, readonly: false, value: "300" })),
      unknownKey: ["Nope"],
    },
  },
  ocpp2_1: {
    "urn:HeartbeatRequest": {},
    "urn:BootNotificationRequest": { reason: "PowerUp", chargingStation: boot },
    "urn:MeterValuesRequest": {
      evseId: 1,
      meterValue: list(10, () => ({
        timestamp: at,
        sampledValue: list(20, (index) => ({
          value: index,
          context: "Sample.Periodic",
          measurand: "Current.Import",
          phase: "L1",
          unitOfMeasure: { unit: "A", multiplier: 0 },
        })),
      })),
    },
    "urn:GetVariablesResponse": {
      getVariableResult: list(50, (index) => ({
        attributeStatus: "Accepted",
        attributeValue: "300",
        component: { name: "OCPPCommCtrlr" },
        variable: { name: `Variable${index}` },
      })),
    },
  },
};

/** Runs as a process of its own; its whole output is one line of JSON. */
const probe = `
  const [bundle, id, payload, warmMs] = process.argv.slice(2);
  const start = performance.now();
  const { validator } = await import(bundle);
  const imported = performance.now();
  const value = JSON.parse(payload);
  const isValid = await validator(id);
  if (isValid(value) !== true) throw new Error(id + " should be valid");
  const first = performance.now();
  let runs = 0;
  const warmUntil = first + Number(warmMs);
  for (let now = first; now < warmUntil; now = performance.now()) for (let i = 0; i < 100; i += 1, runs += 1) isValid(value);
  console.log(JSON.stringify({ importMs: imported - start, firstMs: first - imported, us: (performance.now() - first) * 1000 / runs }));`;

interface Sample {
  importMs: number;
  firstMs: number;
  us: number;
}

function run(folder: string, id: string, payload: unknown, warmMs: number): Sample {
  const args = [join(folder, "probe.mjs"), join(folder, "out/index.mjs"), id, JSON.stringify(payload)];
  return JSON.parse(execFileSync(process.execPath, [...args, String(warmMs)], { encoding: "utf8" }));
}

function median(values: number[]): string {
  return (values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(2);
}

async function measure(name: string, candidate: Candidate, version: string) {
  const folder = await mkdtemp(join(root, "node_modules/.schema-bench-"));
  try {
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "index.mjs"), await candidate(version, folder));
    await writeFile(join(folder, "probe.mjs"), probe);
    await build({
      entryPoints: [join(folder, "index.mjs")],
      outdir: join(folder, "out"),
      outExtension: { ".js": ".mjs" },
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node24",
      plugins: [ocppSchemas],
    });
    const files = await readdir(join(folder, "out"));
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, "out", file))).size));
    const entry = (await stat(join(folder, "out/index.mjs"))).size;
    const kilobytes = (bytes: number) => (bytes / 1024).toFixed(0);
    for (const [id, payload] of Object.entries(messages[version] ?? {})) {
      const cold = list(PROCESSES, () => run(folder, id, payload, 0));
      const warm = run(folder, id, payload, WARM_MS);
      console.log(
        `| ${name} | ${id.slice(4)} | ${kilobytes(entry)} | ${kilobytes(sizes.reduce((sum, size) => sum + size))} ` +
          `| ${median(cold.map(({ importMs }) => importMs))} | ${median(cold.map(({ firstMs }) => firstMs))} | ${warm.us.toFixed(2)} |`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const version of Object.keys(messages)) {
  console.log(`\n${version}, Node ${process.version}, median of ${PROCESSES} processes\n`);
  console.log("| | message | entry KB | all KB | import ms | first validation ms | warm µs |");
  console.log("|---|---|---:|---:|---:|---:|---:|");
  for (const [name, candidate] of Object.entries(candidates)) await measure(name, candidate, version);
}
