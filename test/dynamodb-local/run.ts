/**
 * `npm run test:dynamodb-local`: the tests that touch the table, on Amazon's own DynamoDB Local instead of dynalite.
 * Arguments go to vitest. Needs a Java 17 JDK and Maven, which fetches the engine once (test/dynamodb-local/pom.xml).
 */
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The exit code if Java or Maven is missing (sysexits.h: EX_UNAVAILABLE). */
const UNAVAILABLE = 69;
/** The exit code if Maven could not fetch the engine (EX_TEMPFAIL). */
const NOT_FETCHED = 75;

/** A test file that imports one of these uses the table; the others do not, or use the embedded engine only. */
const tableUsers = /from "(\.\.?\/)+(support\/)?(table|relay|station-api)\.ts"/;

/**
 * What these test is in front of the table (routes, rights, handshakes, bundles, frames), or makes requests that the
 * other files make as well. They take three quarters of the time.
 */
const inFrontOfTable =
  /\/(attempt-load|attempt-losses|attempt-times|bulk|commands|command-failures|concurrency|correlation|cost|examples|frames\.fuzz|handshake-throttle|idle-sockets|metrics|passwords|rates|raw-request|readme|refusals|reports|rights|routes|routes\.fuzz|sam|secrets|station-answers|station-endpoints|tolerance|verify|versions)\.e2e\.test\.ts$/;

/** Two workers share the cores with the engine: a test may take longer than vitest.config.ts lets it. */
const patience = ["--testTimeout=180000", "--hookTimeout=180000"];

class Missing extends Error {}
class NotFetched extends Error {}

try {
  assertTools();
  process.exitCode = await run(fetchEngine());
} catch (error) {
  if (error instanceof Missing) {
    console.error(`test:dynamodb-local needs a Java 17 JDK and Maven: ${error.message}`);
    process.exitCode = UNAVAILABLE;
  } else if (error instanceof NotFetched) {
    console.error(`test:dynamodb-local: ${error.message}`);
    process.exitCode = NOT_FETCHED;
  } else throw error;
}

/** The launcher is a source file, so that Java needs its compiler: a JDK, no runtime image alone. */
function assertTools(): void {
  const modules = output("java", ["--list-modules"]);
  const version = Number(/^java\.base@(\d+)/m.exec(modules)?.[1] ?? 0);
  if (version < 17) throw new Missing(`this is Java ${version || "of an age that has no modules"}`);
  if (!/^jdk\.compiler@/m.test(modules)) throw new Missing("this Java has no compiler");
  output("mvn", ["--version"]);
}

function output(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    throw new Missing(code === "ENOENT" ? `there is no ${command}` : `${command}: ${firstLine(stderr)}`);
  }
}

function firstLine(text = ""): string {
  return text.trim().split("\n")[0] ?? "";
}

/** @returns the folder with the engine's jars, fetched again only when the list of them has changed */
function fetchEngine(): string {
  const list = here("pom.xml");
  const hash = createHash("sha256").update(readFileSync(list)).digest("hex").slice(0, 12);
  const folder = join(root, ".cache", `dynamodb-local-${hash}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${partial}`];
  const { status } = spawnSync("mvn", ["--quiet", "--batch-mode", "--file", list, ...goal], {
    stdio: "inherit",
  });
  if (status !== 0) throw new NotFetched("Maven could not fetch what pom.xml names");
  renameSync(partial, folder);
  return folder;
}

/** @returns vitest's exit code */
async function run(folder: string): Promise<number> {
  // It ends with its standard input: by us, or by whatever ends us.
  const engine = spawn(
    "java",
    [`-Djava.library.path=${folder}`, "-Xmx1g", "--class-path", join(folder, "*"), here("Loopback.java")],
    // A group of its own: Ctrl-C is for vitest, which still asks the engine while it ends.
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  try {
    const port = await portOf(engine);
    const vitest = spawn(
      process.execPath,
      [join(root, "node_modules/vitest/vitest.mjs"), "run", ...vitestArguments()],
      {
        cwd: root,
        stdio: "inherit",
        env: {
          ...process.env,
          TEST_DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
          TEST_REPORT: "reports/vitest-dynamodb-local.json",
        },
      },
    );
    // The terminal sends Ctrl-C to vitest too; here it only must not end us before that.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => vitest.kill(signal));
    return await new Promise((resolve) => vitest.once("exit", (code) => resolve(code ?? 1)));
  } finally {
    engine.stdin.end();
  }
}

/** Test files as asked for, else all whose requests to the table differ. */
function vitestArguments(): string[] {
  const args = [...patience, ...process.argv.slice(2)];
  if (args.some((arg) => !arg.startsWith("-"))) return args;
  const files = globSync("test/**/*.test.ts", { cwd: root });
  const usesTable = (file: string) => tableUsers.test(readFileSync(join(root, file), "utf8"));
  return [...files.filter((file) => !inFrontOfTable.test(file) && usesTable(file)), ...args];
}

function portOf(engine: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    engine.stdout.on("data", (chunk) => {
      said += chunk;
      const port = /^listening on (\d+)$/m.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    });
    engine.stderr.on("data", (chunk) => {
      said += chunk;
    });
    engine.once("error", reject);
    engine.once("exit", (code) => reject(new Error(`DynamoDB Local ended with ${code}:\n${said}`)));
  });
}
