/**
 * `npm run test:ministack`: a second opinion on the template, its roles and the bundles. Deploys the stack to
 * MiniStack, an AWS emulator that shares no code with local/, with IAM enforced, and runs a station's first minutes.
 * Needs Python 3.10 with venv and pip, which fetches MiniStack once.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { synthesize } from "../../infra/synth.ts";
import { listen, stop } from "../../local/listen.ts";
import { withPythonTools } from "../support/python-tools.ts";
import { type Deployed, runFlow } from "./flow.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..", "..");
const region = "eu-central-1";
const stack = "ocpp-relay-prod";

/** What MiniStack 1.5.33 does not have: it refuses these types, or, for alarms, metric math. */
const leftOut = [
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Logs::QueryDefinition",
  "AWS::WAFv2::LoggingConfiguration",
  "AWS::WAFv2::WebACLAssociation",
];

/** The console's files are copied by a function of CDK's in Python, with a layer that MiniStack would have to fetch. */
const context = { console: "false" };

await withPythonTools("test:ministack", join(here, "requirements.txt"), deployAndTry);

async function deployAndTry(tools: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-ministack-"));
  const port = await freePort();
  const server = startMiniStack(tools, folder, port);
  try {
    const assembly = await synthesize({ outdir: join(folder, "assembly"), context });
    const endpoint = `http://127.0.0.1:${port}`;
    await ready(server, endpoint);
    const deployed = await deploy(tools, endpoint, assembly);
    const all = deployed.resources + deployed.leftOut;
    console.log(`test:ministack: ${deployed.resources} of ${all} resources made`);
    await runFlow(endpoint, deployed, (step) => console.log(`  ${step}`));
    return 0;
  } catch (error) {
    console.error(
      `test:ministack: ${(error as Error).message} (reports/ministack.log has what MiniStack logged)`,
    );
    return 1;
  } finally {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const url = await listen(probe, 0);
  await stop(probe);
  return Number(new URL(url).port);
}

/** Functions run with the Node.js of this process, which is the deployed version. */
function startMiniStack(tools: string, folder: string, port: number): ChildProcess {
  mkdirSync(join(root, "reports"), { recursive: true });
  const log = createWriteStream(join(root, "reports", "ministack.log"));
  const server = spawn(join(tools, "ministack"), {
    cwd: folder,
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      AUTH: "true",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: "0",
      LAMBDA_EXECUTOR: "local",
      MINISTACK_REGION: region,
      AWS_DEFAULT_REGION: region,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  server.stdout?.pipe(log);
  server.stderr?.pipe(log);
  return server;
}

async function ready(server: ChildProcess, endpoint: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    if (server.exitCode !== null) throw new Error(`MiniStack ended with ${server.exitCode}`);
    const response = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  throw new Error("MiniStack does not listen after a minute");
}

async function deploy(tools: string, endpoint: string, assembly: string): Promise<Deployed> {
  const args = [join(here, "deploy.py"), endpoint, assembly, stack];
  try {
    const { stdout } = await promisify(execFile)(join(tools, "python"), args, {
      env: { PATH: process.env.PATH ?? "", AWS_DEFAULT_REGION: region, LEFT_OUT: leftOut.join() },
    });
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`the template was not deployed: ${(error as { stderr?: string }).stderr ?? error}`);
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const isLate = await Promise.race([exited, sleep(5_000, "late", { ref: false })]);
  if (isLate === "late") server.kill("SIGKILL");
}
