/**
 * `npm run lint:template`: the synthesized templates under cfn-lint and `sam validate --lint`, neither of which
 * asks AWS or needs credentials. Needs Python 3.10 with venv and pip, which fetches both once.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import cdkJson from "../../cdk.json" with { type: "json" };
import { accountApp } from "../../infra/account/account-app.ts";
import { synthesize } from "../../infra/synth.ts";
import { accountContexts, contexts } from "./contexts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

/** How the end says that there was nothing to run it with (sysexits.h: EX_UNAVAILABLE). */
const UNAVAILABLE = 69;
/** How it says that this could not be fetched, now (EX_TEMPFAIL). */
const NOT_FETCHED = 75;

class Missing extends Error {}
class NotFetched extends Error {}

try {
  process.exitCode = await lintAll(fetchTools());
} catch (error) {
  if (error instanceof Missing) {
    console.error(`lint:template needs Python 3.10 with venv and pip: ${error.message}`);
    process.exitCode = UNAVAILABLE;
  } else if (error instanceof NotFetched) {
    console.error(`lint:template: ${error.message}`);
    process.exitCode = NOT_FETCHED;
  } else throw error;
}

/** @returns the folder with the commands, filled again only when the requirements have changed */
function fetchTools(): string {
  const version = python(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major !== 3 || minor < 10) throw new Missing(`this is Python ${version}`);
  python(["-c", "import venv, ensurepip"]);
  const list = join(here, "requirements.txt");
  const hash = createHash("sha256").update(version).update(readFileSync(list)).digest("hex").slice(0, 12);
  const folder = join(root, ".cache", `lint-template-${hash}`);
  const done = join(folder, "complete");
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    python(["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", list];
    const { status } = spawnSync(join(folder, "bin", "python"), pip, { stdio: "inherit" });
    if (status !== 0) throw new NotFetched("pip could not fetch what requirements.txt names");
    writeFileSync(done, "");
  }
  return join(folder, "bin");
}

function python(args: readonly string[]): string {
  try {
    return execFileSync("python3", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { code, stderr = "" } = error as { code?: string; stderr?: string };
    throw new Missing(code === "ENOENT" ? "there is no python3" : (stderr.trim().split("\n").at(-1) ?? ""));
  }
}

async function lintAll(tools: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-lint-"));
  try {
    let findings = 0;
    const lintIn = (name: string, assembly: string) => {
      const templates = globSync(join(assembly, "*.template.json"));
      if (templates.length === 0) throw new Error(`${name}: nothing was synthesized`);
      for (const template of templates) findings += lint(tools, name, template);
    };
    for (const [name, context] of Object.entries(contexts)) {
      lintIn(name, await synthesize({ outdir: join(folder, name), context }));
    }
    for (const [name, given] of Object.entries(accountContexts)) {
      const context = { ...cdkJson.context, ...given };
      lintIn(name, accountApp({ outdir: join(folder, name), context }).synth().directory);
    }
    return findings > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns how many of the tools found something */
function lint(tools: string, name: string, template: string): number {
  const commands = [
    ["cfn-lint", "--template", template],
    ["sam", "validate", "--lint", "--template", template],
  ] as const;
  let failures = 0;
  for (const [command, ...args] of commands) {
    const { status, stdout, stderr, error } = spawnSync(join(tools, command), args, {
      cwd: here,
      encoding: "utf8",
      env: { ...withoutAws(), AWS_DEFAULT_REGION: "eu-central-1", SAM_CLI_TELEMETRY: "0" },
    });
    if (error) throw error;
    const isClean = status === 0;
    console.log(
      `${name}, ${basename(template, ".template.json")}: ${command} ${isClean ? "has nothing to say" : "complains:"}`,
    );
    if (!isClean) console.log(`${stdout}${stderr}`);
    failures += isClean ? 0 : 1;
  }
  return failures;
}

/** What a linter finds must not depend on whose machine it is. */
function withoutAws(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
}
