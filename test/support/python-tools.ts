import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The exit code of a step whose tools are not on this machine (sysexits.h: EX_UNAVAILABLE). */
const UNAVAILABLE = 69;
/** The exit code of a step whose tools could not be fetched now (EX_TEMPFAIL). */
const NOT_FETCHED = 75;

class Missing extends Error {}
class NotFetched extends Error {}

/**
 * Runs a step with Python tools of its own and sets the exit code of the process. The tools are fetched by pip, and
 * again only when the list or the Python version has changed.
 *
 * @param requirements the path of a list for pip
 * @param run gets the folder with the commands; returns the exit code
 */
export async function withPythonTools(
  name: string,
  requirements: string,
  run: (folder: string) => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await run(fetchTools(name, requirements));
  } catch (error) {
    if (error instanceof Missing) {
      console.error(`${name} needs Python 3.10 with venv and pip: ${error.message}`);
      process.exitCode = UNAVAILABLE;
    } else if (error instanceof NotFetched) {
      console.error(`${name}: ${error.message}`);
      process.exitCode = NOT_FETCHED;
    } else throw error;
  }
}

function fetchTools(name: string, requirements: string): string {
  const version = python(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major !== 3 || minor < 10) throw new Missing(`this is Python ${version}`);
  python(["-c", "import venv, ensurepip"]);
  const hash = createHash("sha256").update(version).update(readFileSync(requirements)).digest("hex");
  const folder = join(root, ".cache", `${name.replaceAll(/\W/g, "-")}-${hash.slice(0, 12)}`);
  const done = join(folder, "complete");
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    python(["-m", "venv", folder]);
    const pip = "-m pip install --quiet --disable-pip-version-check --requirement".split(" ");
    const { status } = spawnSync(join(folder, "bin", "python"), [...pip, requirements], { stdio: "inherit" });
    if (status !== 0) throw new NotFetched(`pip could not fetch what ${requirements} names`);
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
