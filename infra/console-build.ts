import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";

export interface ConsoleBuildOptions {
  /** Where `web/` is, with `build.ts` that builds it into a folder. */
  readonly root: string;
  /** Keeps the last build between runs. */
  readonly cache: string;
  /** Called before a build. */
  readonly onBuild?: () => void;
}

/** What is in `web/` and does not come to the build: its output, and types that are written anew by each check. */
const NO_INPUT = /^(dist\/|node_modules\/|src\/api\/schema\.d\.ts$)/;

/**
 * Builds the console, unless its sources are those of the stored build: a build takes some ten seconds of processor
 * time, the comparison a few milliseconds. The sources are the files in `web/` and the versions of packages; the
 * console imports nothing else of the repository.
 *
 * @returns the folder of the files
 * @throws Error with the output of the build
 */
export async function buildConsole({ root, cache, onBuild }: ConsoleBuildOptions): Promise<string> {
  const folder = join(cache, await hashOf(root));
  if (existsSync(folder)) return folder;
  onBuild?.();
  const partial = `${folder}.${process.pid}`;
  try {
    await promisify(execFile)(process.execPath, [join(root, "web", "build.ts"), partial], { cwd: root });
    // A rename is atomic: another process finds all files or none.
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process has built the same meanwhile.
    if (!existsSync(folder)) throw error;
  }
  await removeOthers(cache, folder);
  return folder;
}

async function hashOf(root: string): Promise<string> {
  const web = join(root, "web");
  const entries = await readdir(web, { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(web, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .filter((path) => !NO_INPUT.test(path))
    .map((path) => `web/${path}`)
    .sort();
  const hash = createHash("sha256");
  for (const path of ["package-lock.json", ...sources]) {
    const content = createHash("sha256").update(await readFile(join(root, path)));
    hash.update(`${path}\0${content.digest("hex")}\0`);
  }
  return hash.digest("hex");
}

async function removeOthers(cache: string, folder: string): Promise<void> {
  const others = (await readdir(cache)).filter(
    (name) => /^[0-9a-f]{64}$/.test(name) && !folder.endsWith(name),
  );
  await Promise.all(others.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}
