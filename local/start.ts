/** `npm start`: runs the whole relay on this machine and prints its two endpoints and a first command to paste. */
import { X509Certificate } from "node:crypto";
import {
  accessSync,
  constants,
  createWriteStream,
  mkdirSync,
  readFileSync,
  type WriteStream,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { certificateContext } from "./certificate-context.ts";
import { UnusableData } from "./dynamodb/embedded.ts";
import type { LogEntry } from "./lambda/service.ts";
import { listen, PortInUse, stop } from "./listen.ts";
import type { LocalRelay } from "./relay.ts";
import { UnservableTemplate } from "./template.ts";
import { terminalLines } from "./terminal-line.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Ctrl-C ends everything within two seconds, whatever hangs. */
const closeWithinMs = 1_800;
const connectWithinMs = 30_000;

const DEFAULT_API_PORT = "8080";
const {
  API_PORT = DEFAULT_API_PORT,
  STATION_PORT = "9000",
  DATA_DIR = "",
  DEMO_STATIONS = "1",
} = process.env;
/** What this stack writes. A stack on another port has a folder of its own, so that two run in one checkout. */
const isDefaultPort = API_PORT === DEFAULT_API_PORT;
const folder = isDefaultPort ? join(root, ".data") : join(root, ".data", API_PORT);
const assemblyFolder = isDefaultPort ? join(root, "cdk.out") : join(folder, "cdk.out");
const logFile = join(folder, "functions.log");
const samFolder = join(folder, "sam");
const { STATION_CA = "", CERTIFICATE_STATION_PORT = "9443" } = process.env;
const { IDLE_SOCKET_SECONDS = "5", EMPTY_FRAMES = "0" } = process.env;
/** The CA of the certificate endpoint, for stations to trust. */
const endpointCaFile = join(DATA_DIR || folder, "station-door-ca.pem");
const say = (line: string) => process.stdout.write(`${line}\n`);
const cleanups: (() => Promise<unknown>)[] = [];

/** A wrong setting of the user: printed in one line, without a stack trace. */
class WrongSetting extends Error {}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end(0));
try {
  await start();
} catch (error) {
  if (error instanceof PortInUse)
    say(`${error.message} Choose another one with API_PORT, STATION_PORT or CERTIFICATE_STATION_PORT.`);
  else if (error instanceof UnusableData) say(`DATA_DIR=${DATA_DIR}: ${error.message}.`);
  else if (error instanceof UnservableTemplate || error instanceof WrongSetting) say(error.message);
  else console.error(error);
  await end(1);
}

async function start(): Promise<void> {
  const [apiPort, stationPort] = [port("API_PORT", API_PORT), port("STATION_PORT", STATION_PORT)];
  const certificateStationPort = port("CERTIFICATE_STATION_PORT", CERTIFICATE_STATION_PORT);
  const idleSocketMs = seconds("IDLE_SOCKET_SECONDS", IDLE_SOCKET_SECONDS) * 1000;
  const emptyFrames = isOn("EMPTY_FRAMES", EMPTY_FRAMES);
  const certificateEndpoint =
    STATION_CA === "" ? undefined : { stationCas: stationCas(), certificateStationPort };
  // Before the synthesis, so that a wrong setting is reported immediately.
  const wanted = [apiPort, stationPort, ...(certificateEndpoint ? [certificateStationPort] : [])];
  assertDifferent(wanted);
  for (const one of wanted) await assertFree(one);
  assertKeepsData();
  say("ocpp-relay on this machine");
  const assembly = await step("bundle the functions and synthesize the template", async () => {
    const { synthesize } = await import("../infra/synth.ts");
    const context = certificateEndpoint ? certificateContext : {};
    return await synthesize({ outdir: assemblyFolder, context });
  });
  const notServed: string[] = [];
  const relay = await step("start the services", async () => {
    const { startLocal } = await import("./relay.ts");
    const progress = (line: string) => void notServed.push(line);
    const kept = DATA_DIR === "" ? {} : { dataDir: DATA_DIR };
    return await startLocal({
      assembly,
      apiPort,
      stationPort,
      samFolder,
      onLog: log(),
      progress,
      idleSocketMs,
      emptyFrames,
      buildConsole,
      ...kept,
      ...certificateEndpoint,
    });
  });
  for (const line of notServed) say(`    ${line}`);
  cleanups.push(() => relay.close());
  if (relay.certificateEndpoint) writeEndpointCa(relay.certificateEndpoint.serverCa);
  introduce(relay, DEMO_STATIONS === "0" ? [] : await demoStations(relay));
}

/** Called when the console is opened first, after this has printed everything else. */
async function buildConsole(): Promise<string> {
  const { buildConsole: build } = await import("../infra/console-build.ts");
  return await build({
    root,
    cache: join(root, ".cache", "console"),
    onBuild: () => say("The console is opened for the first time since it changed, and is being built."),
  });
}

async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  process.stdout.write(`  ${name} …`);
  try {
    return await run();
  } finally {
    say(` ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}

/**
 * Connects the demo stations. A station that fails is reported, and the start continues.
 *
 * @returns the identities of the connected stations
 */
async function demoStations({ apiUrl, stationUrl }: LocalRelay): Promise<string[]> {
  const { connectDemoStations } = await import("./stations/demo.ts");
  const { fetchToken } = await import("./stations/registration.ts");
  const { connected, missing } = await step("connect the demo stations", () =>
    connectDemoStations({
      stationUrl: `${stationUrl}/ocpp`,
      apiUrl,
      getToken: () => fetchToken(apiUrl, "demo", "demo-secret"),
      withinMs: connectWithinMs,
      ...(DATA_DIR && { passwordFile: join(DATA_DIR, "demo-stations.json") }),
    }),
  );
  for (const { identity, reason } of missing) say(`    ${identity} is not connected: ${reason}`);
  cleanups.unshift(() => Promise.all(connected.map((station) => station.close())));
  return connected.map(({ identity }) => identity);
}

function introduce(
  { apiUrl, stationUrl, consoleUrl, certificateEndpoint }: LocalRelay,
  [station]: string[],
): void {
  const token = `curl -s -u demo:demo-secret -d grant_type=client_credentials ${apiUrl}/oauth2/token`;
  const accessToken = `$(${token} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`;
  const headers = `-H "Authorization: Bearer ${accessToken}"`;
  const command =
    station === undefined
      ? `curl -s ${headers} ${apiUrl}/stations`
      : `curl -s ${headers} -H 'Content-Type: application/json' -d '{}' ${apiUrl}/remote_commands/synchronous/${station}/get_configuration`;
  say(`
  remote API   ${apiUrl}   (described in ${apiUrl}/openapi.json)
  stations     ${stationUrl}/ocpp/{identity}${
    certificateEndpoint === undefined
      ? ""
      : `\n               ${certificateEndpoint.url}/ocpp/{identity}   (client certificate; trust ${endpointCaFile})`
  }
  console      ${consoleUrl ?? "(the template has none)"}
  logs         ${logFile}

A token:
${token}

A first command, token included:
${command}

Ctrl-C ends it.`);
}

/** The CAs that stations' certificates come from. */
function stationCas(): string {
  try {
    const pem = readFileSync(STATION_CA, "utf8");
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new WrongSetting(
      `STATION_CA=${STATION_CA}: not a file of PEM certificates (${(error as Error).message}).`,
    );
  }
}

function writeEndpointCa(pem: string): void {
  mkdirSync(dirname(endpointCaFile), { recursive: true });
  writeFileSync(endpointCaFile, pem);
}

/** Writes the log of the functions to a file, and its warnings and errors to the terminal, too. */
function log(): (entry: LogEntry) => void {
  let file: WriteStream | undefined;
  return (entry) => {
    if (file === undefined) {
      mkdirSync(dirname(logFile), { recursive: true });
      file = createWriteStream(logFile);
    }
    file.write(entry.text);
    process.stderr.write(terminalLines(entry));
  };
}

function port(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new WrongSetting(`${name}=${text}: a port must be a number from 0 to 65535.`);
  }
  return number;
}

function seconds(name: string, text: string): number {
  const number = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number) || number < 0) {
    throw new WrongSetting(`${name}=${text}: must be a number of seconds, 0 for never.`);
  }
  return number;
}

function isOn(name: string, text: string): boolean {
  if (text !== "0" && text !== "1") throw new WrongSetting(`${name}=${text}: must be 1 (on) or 0 (off).`);
  return text === "1";
}

/** 0 is any free port, however often. */
function assertDifferent(ports: readonly number[]): void {
  const named = ports.filter((one) => one !== 0);
  const twice = named.find((one, place) => named.indexOf(one) !== place);
  if (twice !== undefined) {
    throw new WrongSetting(
      `API_PORT, STATION_PORT and CERTIFICATE_STATION_PORT must be different: ${twice} is used twice.`,
    );
  }
}

function assertKeepsData(): void {
  if (DATA_DIR === "") return;
  try {
    mkdirSync(DATA_DIR, { recursive: true });
    accessSync(DATA_DIR, constants.W_OK);
  } catch (error) {
    throw new WrongSetting(`DATA_DIR=${DATA_DIR}: not a writable folder (${(error as Error).message}).`);
  }
}

async function assertFree(wanted: number): Promise<void> {
  const probe = createServer();
  await listen(probe, wanted);
  await stop(probe);
}

async function end(exitCode: number): Promise<never> {
  setTimeout(() => process.exit(exitCode), closeWithinMs).unref();
  for (const cleanup of cleanups.splice(0)) await cleanup().catch(() => undefined);
  process.exit(exitCode);
}
