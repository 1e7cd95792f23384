/**
 * `npm run test:generators`: generates clients from the OpenAPI document of the relay on this machine, compiles
 * them, and makes five calls with each; then sends every request of docs/api.http. Python and Java generators run where Python or Java and Maven are.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../../infra/synth.ts";
import { startLocal } from "../../local/relay.ts";
import { fetchToken, registerStation } from "../../local/stations/registration.ts";
import { connectStation } from "../../local/stations/station.ts";
import { type Trial, trials, type Workspace } from "./generators.ts";
import { Missing, NotFetched } from "./tools.ts";

/** Exit codes of sysexits.h that .ci/run reads: EX_UNAVAILABLE and EX_TEMPFAIL. */
const UNAVAILABLE = 69;
const NOT_FETCHED = 75;

/** Part of the names to run: `npm run test:generators -- java`. */
const [, , wanted = ""] = process.argv;

const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-generators-"));
try {
  process.exitCode = await tryAll();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tryAll(): Promise<number> {
  const relay = await startLocal({ assembly: await synthesize({ outdir: join(folder, "assembly") }) });
  try {
    const token = await fetchToken(relay.apiUrl, "demo", "demo-secret");
    const connect = async (identity: string, protocol: "ocpp1.6" | "ocpp2.0.1") => {
      const password = await registerStation(relay.apiUrl, token, { identity });
      const url = `${relay.stationUrl}/ocpp`;
      return connectStation({ url, identity, protocol, ...(password !== undefined && { password }) });
    };
    const stations = [await connect("CONNECTED", "ocpp1.6"), await connect("CONNECTED-201", "ocpp2.0.1")];
    const document = await (await fetch(`${relay.apiUrl}/openapi.json`)).text();
    writeFileSync(join(folder, "openapi.json"), document);
    const workspace = { folder, apiUrl: relay.apiUrl, token, station: "CONNECTED", other: "CONNECTED-201" };
    const codes = [];
    for (const [name, run] of Object.entries(trials))
      if (name.toLowerCase().includes(wanted.toLowerCase())) codes.push(await outcome(name, run, workspace));
    await Promise.all(stations.map((station) => station.close()));
    return codes.includes(1) ? 1 : Math.max(0, ...codes);
  } finally {
    await relay.close();
  }
}

/** @returns 0, 1 for a failure, or the exit code of what this machine lacks */
async function outcome(name: string, run: Trial, workspace: Workspace) {
  try {
    const began = performance.now();
    const result = await run(workspace);
    const calls = typeof result === "number" ? result : 5;
    console.log(`${name}: ${calls} calls, ${Math.round((performance.now() - began) / 1000)} s`);
    return 0;
  } catch (error) {
    if (error instanceof Missing || error instanceof NotFetched) {
      console.log(`skipped: ${name}: ${error.message}`);
      return error instanceof Missing ? UNAVAILABLE : NOT_FETCHED;
    }
    console.log(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
