/** `npm run verify`: tries what the design believes of AWS, on the local stack or on a deployed one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { beliefs } from "./beliefs.ts";
import { deployedTarget, WrongTarget } from "./deployed.ts";
import { rows, verify } from "./run.ts";
import type { Target } from "./target.ts";

const USAGE = `Tries what the design believes of AWS and prints a table.

  npm run verify                      on a local stack of its own
  npm run verify -- --stage dev       on a deployed stack (AWS CLI and its credentials)

  --stage    the stage of the stack, ocpp-relay-<stage>
  --client   the API client (default: operator); it must belong to the network default or to one network only
  --long     also tries what takes 7 and 11 minutes on AWS
  --cert     a station's client certificate (PEM file), for profile 3; its CN becomes an identity
  --key      the private key that belongs to it (PEM file)

With -c issuer=, give a token of that issuer in the variable VERIFY_TOKEN.`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function start(): Promise<number> {
  const { stage, client, long, cert, key, help } = parse();
  if (help) {
    say(USAGE);
    return 0;
  }
  if (stage === undefined) return await onLocalStack();
  if ((cert === undefined) !== (key === undefined))
    throw new WrongTarget("--cert and --key: neither or both");
  const token = process.env.VERIFY_TOKEN;
  return await tryAll(
    await deployedTarget({
      stage,
      client,
      isLong: long,
      ...(token && { token }),
      ...(cert && key && { certificate: { cert: pem(cert), key: pem(key) } }),
    }),
  );
}

function parse() {
  try {
    return parseArgs({
      options: {
        stage: { type: "string" },
        client: { type: "string", default: "operator" },
        long: { type: "boolean", default: false },
        cert: { type: "string" },
        key: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongTarget(`${(error as Error).message}\n\n${USAGE}`);
  }
}

async function onLocalStack(): Promise<number> {
  const outdir = mkdtempSync(join(tmpdir(), "ocpp-relay-verify-assembly-"));
  try {
    const { synthesize } = await import("../../infra/synth.ts");
    const { certificateContext } = await import("../certificate-context.ts");
    const { startLocalTarget } = await import("./local-target.ts");
    const assembly = await synthesize({ outdir, context: certificateContext });
    const { target, close } = await startLocalTarget(assembly, process.env.EMPTY_FRAMES === "1");
    try {
      return await tryAll(target);
    } finally {
      await close();
    }
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

async function tryAll(target: Target): Promise<number> {
  say(`What the design believes of AWS, on ${target.name}:\n`);
  const findings = await verify(target, beliefs, (finding) => rows(finding).forEach(say));
  const count = (result: string) => findings.filter((finding) => finding.result === result).length;
  say(`\n${count("holds")} hold, ${count("differs")} differ, ${count("not tried")} not tried`);
  return count("differs") > 0 ? 1 : 0;
}

function pem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new WrongTarget(`${file}: ${(error as Error).message}`);
  }
}

try {
  process.exitCode = await start();
} catch (error) {
  if (!(error instanceof WrongTarget)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
