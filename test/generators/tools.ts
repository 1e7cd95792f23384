/** The generators, fetched once into .cache, and the commands that this machine has. */
import { type ExecFileOptions, execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../.cache", import.meta.url));

/** This machine lacks a program. */
export class Missing extends Error {}
/** A program could not be fetched now. */
export class NotFetched extends Error {}

const execute = promisify(execFile);

/** Runs a program. @throws with its output if it fails, `Missing` if it does not exist */
export async function command(file: string, args: readonly string[], options: ExecFileOptions = {}) {
  try {
    const { stdout } = await execute(file, [...args], { maxBuffer: 64 << 20, ...options });
    return String(stdout);
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === "ENOENT") throw new Missing(`needs ${file}`);
    throw new Error(`${file} ${args.join(" ")}\n${`${stdout}${stderr}`.slice(-4000)}`);
  }
}

/** @returns the folder with node_modules of package.json */
export async function npmTools(): Promise<string> {
  return await fetched("npm", ["package.json", "package-lock.json", ".npmrc"], async (folder) => {
    await command("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit"], { cwd: folder });
  });
}

/** @returns the folder of a virtual environment with what the list names */
export async function pythonTools(name: string, list: string): Promise<string> {
  await command("python3", ["-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 10)"]).catch(
    () => {
      throw new Missing("needs Python 3.10 with venv and pip");
    },
  );
  return await fetched(name, [list], async (folder) => {
    await command("python3", ["-m", "venv", folder]);
    await command(join(folder, "bin", "pip"), ["install", "--quiet", "--requirement", join(folder, list)]);
  });
}

/** The path of the jar of openapi-generator. */
export async function openApiGenerator(): Promise<string> {
  for (const program of ["java", "mvn"]) await command(program, ["-version"]);
  const pom = "openapi-generator.pom.xml";
  const folder = await fetched("openapi-generator", [pom], async (into) => {
    const copy = ["dependency:copy-dependencies", "-DoutputDirectory=jars", "-DexcludeTransitive"];
    await command("mvn", ["--quiet", "--batch-mode", "--file", pom, ...copy], { cwd: into });
  });
  return join(folder, "jars", "*");
}

async function fetched(name: string, files: readonly string[], fetch: (folder: string) => Promise<void>) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(here, file)));
  const folder = join(cache, `generators-${name}-${hash.digest("hex").slice(0, 12)}`);
  const done = join(folder, "complete");
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(here, file), join(folder, file));
  try {
    await fetch(folder);
  } catch (error) {
    if (error instanceof Missing) throw error;
    throw new NotFetched(`could not be fetched: ${(error as Error).message}`);
  }
  writeFileSync(done, "");
  return folder;
}
