import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchToken } from "../../local/stations/registration.ts";
import { createStationAuthority, type StationAuthority } from "../../local/stations/station-authority.ts";

const run = promisify(execFile);
const start = fileURLToPath(new URL("../../local/start.ts", import.meta.url));
const station = fileURLToPath(new URL("../../local/stations/cli.ts", import.meta.url));

/** `npm start`, or another program, in a process of its own, with what it prints. */
function launch(env: Record<string, string>, program = [start]) {
  const child = spawn(process.execPath, program, { env: { ...process.env, ...env } });
  let output = "";
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      look();
    });
  }
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    exited,
    output: () => output,
    printed: (text: string) =>
      new Promise<void>((resolve, reject) => {
        look = () => output.includes(text) && resolve();
        void exited.then(() => reject(new Error(output)));
        look();
      }),
  };
}

describe("npm start", () => {
  let dataDir: string;
  let authority: StationAuthority;
  let relay: ReturnType<typeof launch>;
  const ports = () => /http:\/\/127\.0\.0\.1:(\d+)[\s\S]*ws:\/\/127\.0\.0\.1:(\d+)/.exec(relay.output());

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "start-"));
    authority = await createStationAuthority();
    const STATION_CA = join(dataDir, "station-ca.pem");
    await writeFile(STATION_CA, authority.ca);
    const ports = { API_PORT: "0", STATION_PORT: "0", CERTIFICATE_STATION_PORT: "0" };
    relay = launch({ ...ports, DATA_DIR: dataDir, STATION_CA });
    await relay.printed("Ctrl-C ends it.");
  });
  afterAll(async () => {
    relay.child.kill("SIGKILL");
    await rm(dataDir, { recursive: true, force: true });
  });

  it("says what it does, step by step, and where its endpoints are", () => {
    const lines = relay.output().split("\n");

    for (const done of ["bundle the functions", "start the services", "connect the demo stations"]) {
      expect(lines.find((line) => line.includes(done))).toMatch(/ … \d+\.\d s$/);
    }
    expect(ports()).not.toBeNull();
    expect(relay.output()).not.toContain("not served locally");
  });

  it("prints a token call and a first command that a shell runs as they are", async () => {
    const [tokenCall = "", command = ""] = relay
      .output()
      .split("\n")
      .filter((line) => line.startsWith("curl"));

    const { stdout: token } = await run("bash", ["-c", tokenCall]);
    const { stdout: answer } = await run("bash", ["-c", command]);

    expect(JSON.parse(token)).toMatchObject({ token_type: "Bearer", access_token: expect.any(String) });
    expect(JSON.parse(answer)).toMatchObject({
      configurationKeys: expect.arrayContaining([
        { key: "HeartbeatInterval", value: expect.any(String), readonly: false },
      ]),
      unknownKeys: [],
    });
  });

  it("lets a station in by its certificate, which the command line registers and connects", async () => {
    const [, url = ""] = /(wss:\/\/127\.0\.0\.1:\d+\/ocpp)\/\{identity\}/.exec(relay.output()) ?? [];
    const [, ca = ""] = /client certificate; trust (.*)\)/.exec(relay.output()) ?? [];
    const { cert, key } = await authority.issue([{ CN: ["CP7"] }]);
    const files = { cert: join(dataDir, "cp7.pem"), key: join(dataDir, "cp7.key") };
    await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)]);
    const api = `http://127.0.0.1:${ports()?.[1]}`;

    const identified = ["--identity", "CP7", "--cert", files.cert, "--key", files.key, "--ca", ca];
    const cp7 = launch({}, [station, ...identified, "--url", url, "--api", api, "--register"]);
    await cp7.printed("ready");

    expect(cp7.output()).toContain("CP7 is registered");
    expect(cp7.output()).toContain(`connected to ${url} as CP7`);
    cp7.child.kill("SIGINT");
    expect(await cp7.exited).toEqual([0, null]);
  });

  it("says in one line that STATION_CA holds no certificates", async () => {
    const wrong = launch({ STATION_CA: start, DEMO_STATIONS: "0" });

    expect(await wrong.exited).toEqual([1, null]);
    expect(wrong.output()).toMatch(/^STATION_CA=.*: not a file of PEM certificates .*\n$/);
  });

  it("says in one line that a port is in use", async () => {
    const second = launch({ API_PORT: ports()?.[1] ?? "", STATION_PORT: "0", DEMO_STATIONS: "0" });

    expect(await second.exited).toEqual([1, null]);
    expect(second.output()).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use by another program\. .*\n$/);
  });

  it("names a port that is none", async () => {
    const wrong = launch({ API_PORT: "many" });

    expect(await wrong.exited).toEqual([1, null]);
    expect(wrong.output()).toBe("API_PORT=many: a port must be a number from 0 to 65535.\n");
  });

  it("says in one line that two endpoints have one port", async () => {
    const wrong = launch({ API_PORT: "8123", STATION_PORT: "8123" });

    expect(await wrong.exited).toEqual([1, null]);
    expect(wrong.output()).toBe(
      "API_PORT, STATION_PORT and CERTIFICATE_STATION_PORT must be different: 8123 is used twice.\n",
    );
  });

  it("says in one line that DATA_DIR is no folder, or another one's", async () => {
    const free = { API_PORT: "0", STATION_PORT: "0", DEMO_STATIONS: "0" };
    const file = launch({ ...free, DATA_DIR: process.execPath });
    expect(await file.exited).toEqual([1, null]);
    expect(file.output()).toMatch(/^DATA_DIR=\S+: not a writable folder \(.*\)\.\n$/);

    const second = launch({ ...free, DATA_DIR: dataDir });
    expect(await second.exited).toEqual([1, null]);
    expect(second.output()).toMatch(/\nDATA_DIR=\S+: .* is in use by another process\.\n$/);
  });

  it("finds its data again after it was killed, new passwords too, and ends with Ctrl-C, whoever is connected", async () => {
    const api = `http://127.0.0.1:${ports()?.[1]}`;
    const headers = { authorization: `Bearer ${await fetchToken(api, "demo", "demo-secret")}` };
    for (const demo of ["DEMO-16", "DEMO-201"]) {
      const changed = await fetch(`${api}/stations/${demo}/password`, { method: "POST", headers });
      expect(await changed.json()).toMatchObject({ status: "Accepted", password: expect.any(String) });
    }
    relay.child.kill("SIGKILL");
    await relay.exited;
    relay = launch({ API_PORT: "0", STATION_PORT: "0", DATA_DIR: dataDir });
    await relay.printed("Ctrl-C ends it.");
    expect(relay.output()).not.toContain("not connected");

    relay.child.kill("SIGINT");

    expect(await relay.exited).toEqual([0, null]);
  });
});
