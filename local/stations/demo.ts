import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StationProtocol } from "./protocols.ts";
import { registerStation } from "./registration.ts";
import { Station } from "./station.ts";

/** Two OCPP versions behind the same commands, with the passwords that they are registered with. */
const DEMO_STATIONS: readonly DemoStation[] = [
  { identity: "DEMO-16", protocol: "ocpp1.6", password: "demo-16-station-password" },
  { identity: "DEMO-201", protocol: "ocpp2.0.1", password: "demo-201-station-password" },
];

interface DemoStation {
  readonly identity: string;
  readonly protocol: StationProtocol;
  readonly password: string;
}

export interface DemoOptions {
  /** The station endpoint without the identity, `ws://127.0.0.1:9000/ocpp`. */
  readonly stationUrl: string;
  readonly apiUrl: string;
  readonly getToken: () => Promise<string>;
  /** How long one may take to be registered and connected. */
  readonly withinMs: number;
  /**
   * The file in which they keep the passwords that they are given: the relay that finds its data again must meet
   * stations that know theirs. Without it they forget them with the process.
   */
  readonly passwordFile?: string;
}

export interface DemoStations {
  readonly connected: readonly Station[];
  readonly missing: readonly { readonly identity: string; readonly reason: string }[];
}

/** Registers the demo stations where they are not yet, and connects them; what keeps one away keeps no other. */
export async function connectDemoStations(options: DemoOptions): Promise<DemoStations> {
  const attempts = await Promise.all(
    DEMO_STATIONS.map((demo) =>
      connectOne(demo, options).catch((error: Error) => ({ identity: demo.identity, reason: error.message })),
    ),
  );
  return {
    connected: attempts.flatMap((attempt) => (attempt instanceof Station ? [attempt] : [])),
    missing: attempts.flatMap((attempt) => (attempt instanceof Station ? [] : [attempt])),
  };
}

async function connectOne(
  { identity, protocol, password }: DemoStation,
  options: DemoOptions,
): Promise<Station> {
  const { stationUrl, apiUrl, getToken, withinMs, passwordFile } = options;
  const tooLong = sleep(withinMs, undefined, { ref: false }).then(() => {
    throw new Error(`not within ${withinMs / 1000} s`);
  });
  const inTime = <Result>(work: Promise<Result>) => Promise.race([work, tooLong]);
  await inTime(getToken().then((token) => registerStation(apiUrl, token, { identity, password })));
  const station = new Station({
    url: stationUrl,
    identity,
    protocol,
    password: passwordFile ? (keptPassword(passwordFile, identity) ?? password) : password,
    ...(passwordFile && { keepPassword: (changed: Buffer) => keepPassword(passwordFile, identity, changed) }),
  });
  try {
    await inTime(station.connect());
  } catch (error) {
    await station.close();
    throw error;
  }
  return station;
}

/** By identity; in Base64, as a password of OCPP 1.6 may be any bytes. */
type Passwords = Readonly<Record<string, string>>;

const readPasswords = (file: string): Passwords =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Passwords) : {};

function keptPassword(file: string, identity: string): Buffer | undefined {
  const kept = readPasswords(file)[identity];
  return kept === undefined ? undefined : Buffer.from(kept, "base64");
}

/** Whole or not at all, whenever the process is killed. */
function keepPassword(file: string, identity: string, password: Buffer): void {
  const passwords: Passwords = { ...readPasswords(file), [identity]: password.toString("base64") };
  writeFileSync(`${file}.new`, `${JSON.stringify(passwords, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
