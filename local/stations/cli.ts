/** `npm run station -- --identity CP7 --protocol ocpp1.6`: connects a simulated station until Ctrl-C. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { keptPasswords } from "./kept-passwords.ts";
import { behaviours, isStationProtocol } from "./protocols.ts";
import { fetchToken, registerStation } from "./registration.ts";
import { connectStation, type StationOptions } from "./station.ts";

const { API_PORT = "8080", STATION_PORT = "9000", CERTIFICATE_STATION_PORT = "9443" } = process.env;
const { DATA_DIR = fileURLToPath(new URL("../../.data", import.meta.url)) } = process.env;
const basicUrl = `ws://127.0.0.1:${STATION_PORT}/ocpp`;
const certificateUrl = `wss://127.0.0.1:${CERTIFICATE_STATION_PORT}/ocpp`;
const passwords = keptPasswords(`${DATA_DIR}/stations.json`);

const USAGE = `Connects a simulated charging station.

  npm run station -- --identity CP7 [options]

  --identity    its OCPP identity, 1 to 48 characters
  --protocol    ${Object.keys(behaviours).join(", ")} (default: ocpp1.6)
  --network     the network of the station (default: default)
  --password    for HTTP Basic authentication; without a password, the station is registered first and its password stored in .data
  --cert        its client certificate (PEM file, security profile 3) instead of a password
  --key         the private key that belongs to it (PEM file)
  --ca          the CA of the endpoint's own certificate (PEM file; default: the system's)
  --register    registers the station with the given password
  --connectors  number of connectors (default: 2)
  --url         the station endpoint (default: ${basicUrl}, with --cert ${certificateUrl});
                with --cert, the station is registered if --url is the default, or with --register
  --api         the remote API to register at (default: http://127.0.0.1:${API_PORT})`;

/** A wrong argument of the user: printed without a stack trace. */
class UsageError extends Error {}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        identity: { type: "string" },
        protocol: { type: "string", default: "ocpp1.6" },
        network: { type: "string", default: "default" },
        password: { type: "string" },
        cert: { type: "string" },
        key: { type: "string" },
        ca: { type: "string" },
        register: { type: "boolean", default: false },
        connectors: { type: "string", default: "2" },
        url: { type: "string" },
        api: { type: "string", default: `http://127.0.0.1:${API_PORT}` },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

type Arguments = ReturnType<typeof parse>;

async function stationOptions(args: Arguments): Promise<StationOptions> {
  const { identity, protocol, network, connectors } = args;
  const tls = tlsOptions(args);
  const { url = tls ? certificateUrl : basicUrl } = args;
  if (!identity) throw new UsageError(`--identity is missing\n\n${USAGE}`);
  if (identity.length > 48 || identity.includes(":")) {
    throw new UsageError("--identity: 1 to 48 characters, no colon");
  }
  if (!isStationProtocol(protocol)) {
    throw new UsageError(`--protocol: ${protocol} is not one of ${Object.keys(behaviours).join(", ")}`);
  }
  if (!/^[1-9]\d?$/.test(connectors)) throw new UsageError("--connectors: a number from 1 to 99");
  if (!URL.canParse(url) || !/^wss?:/.test(url))
    throw new UsageError(`--url: ${url} is not a ws:// or wss:// URL`);
  const base = url.replace(/\/$/, "");
  return {
    url: network === "default" ? base : `${base}/${encodeURIComponent(network)}`,
    identity,
    protocol,
    connectors: Number(connectors),
    ...(tls
      ? await withCertificate(args, identity, tls)
      : { password: await stationPassword(args, identity) }),
  };
}

type Tls = NonNullable<StationOptions["tls"]>;

function tlsOptions({ cert, key, ca, url, password }: Arguments): Tls | undefined {
  const read = (option: string, file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new UsageError(`--${option}: ${(error as Error).message}`);
    }
  };
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UsageError("--cert and --key belong together");
  if (password !== undefined) throw new UsageError("--password and --cert exclude each other");
  if (url?.startsWith("ws:")) throw new UsageError("--cert needs TLS: use a wss:// URL");
  return {
    cert: read("cert", cert),
    key: read("key", key),
    ...(ca === undefined ? {} : { ca: read("ca", ca) }),
  };
}

/** Registers the station, unless --url names another endpoint. */
async function withCertificate(
  { network, api, url, register }: Arguments,
  identity: string,
  tls: Tls,
): Promise<{ tls: Tls }> {
  if (url !== undefined && !register) return { tls };
  const token = await fetchToken(api, "demo", "demo-secret");
  await registerStation(api, token, { identity, networkId: network, certificate: true });
  print(`${identity} is registered`);
  return { tls };
}

/** Returns the given password; without one, or with --register, registers the station first. */
async function stationPassword(
  { password, register, network, api }: Arguments,
  identity: string,
): Promise<string> {
  if (password !== undefined && !register) return password;
  const token = await fetchToken(api, "demo", "demo-secret");
  const registration = { identity, networkId: network, ...(password === undefined ? {} : { password }) };
  const registered = await registerStation(api, token, registration);
  const station = `${api} ${network}/${identity}`;
  if (registered !== undefined) passwords.write(station, registered);
  const known = registered ?? password ?? passwords.read(station);
  if (known === undefined) throw new UsageError(`${identity} is already registered: use --password`);
  print(
    registered === undefined ? `${identity} is already registered` : `registered, its password is ${known}`,
  );
  return known;
}

function print(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)} ${line}`);
}

/** Returns an error as one line, with its causes: fetch hides "connection refused" in a cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const hint = code === "ECONNREFUSED" ? ": is the relay running (npm start)?" : "";
  const own = (error.message || String(code ?? error.name)) + hint;
  return error.cause === undefined ? own : `${own}: ${reason(error.cause)}`;
}

try {
  const args = parse(process.argv.slice(2));
  if (args.help) {
    console.log(USAGE);
  } else {
    const station = await connectStation({ ...(await stationOptions(args)), log: print });
    process.once("SIGINT", () => {
      void station.close().then(() => process.exit(0));
    });
    print("ready; Ctrl-C ends it");
  }
} catch (error) {
  console.error(reason(error));
  process.exit(1);
}
