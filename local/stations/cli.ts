/** `npm run station -- --identity CP7 --protocol ocpp1.6`: one more station, until Ctrl-C. */

import { parseArgs } from "node:util";
import { behaviours, isStationProtocol } from "./protocols.ts";
import { fetchToken, registerStation } from "./registration.ts";
import { connectStation, type StationOptions } from "./station.ts";

const USAGE = `Connects a simulated charging station.

  npm run station -- --identity CP7 [options]

  --identity    its OCPP identity, 1 to 48 characters
  --protocol    ${Object.keys(behaviours).join(", ")} (default: ocpp1.6)
  --network     the network it belongs to (default: default)
  --password    for HTTP Basic authentication; without one it registers itself
  --register    registers it, with the password given
  --connectors  how many it has (default: 2)
  --url         the station endpoint (default: ws://127.0.0.1:9000/ocpp)
  --api         the remote API to register at (default: http://127.0.0.1:8080)`;

/** What the user got wrong: told without a stack. */
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
        register: { type: "boolean", default: false },
        connectors: { type: "string", default: "2" },
        url: { type: "string", default: "ws://127.0.0.1:9000/ocpp" },
        api: { type: "string", default: "http://127.0.0.1:8080" },
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
  const { identity, protocol, network, connectors, url } = args;
  if (!identity) throw new UsageError(`--identity is missing\n\n${USAGE}`);
  if (identity.length > 48 || identity.includes(":")) {
    throw new UsageError("--identity: 1 to 48 characters, no colon");
  }
  if (!isStationProtocol(protocol)) {
    throw new UsageError(`--protocol: ${protocol} is not one of ${Object.keys(behaviours).join(", ")}`);
  }
  if (!/^[1-9]\d?$/.test(connectors)) throw new UsageError("--connectors: a number from 1 to 99");
  if (!URL.canParse(url) || !/^wss?:/.test(url))
    throw new UsageError(`--url: ${url} is no ws:// or wss:// URL`);
  const base = url.replace(/\/$/, "");
  return {
    url: network === "default" ? base : `${base}/${encodeURIComponent(network)}`,
    identity,
    protocol,
    connectors: Number(connectors),
    password: await stationPassword(args, identity),
  };
}

/** The one given; without one, or when told to, the station is registered first. */
async function stationPassword(
  { password, register, network, api }: Arguments,
  identity: string,
): Promise<string> {
  if (password !== undefined && !register) return password;
  const token = await fetchToken(api, "demo", "demo-secret");
  const registration = { identity, networkId: network, ...(password === undefined ? {} : { password }) };
  const registered = await registerStation(api, token, registration);
  const known = registered ?? password;
  if (known === undefined) throw new UsageError(`${identity} is registered already: give its --password`);
  print(
    registered === undefined ? `${identity} is registered already` : `registered, its password is ${known}`,
  );
  return known;
}

function print(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)} ${line}`);
}

/** What can be said in one line of an error, its causes included: fetch hides "connection refused" in one. */
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
    print("ready; Ctrl-C ends it");
    process.once("SIGINT", () => {
      void station.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(reason(error));
  process.exit(1);
}
