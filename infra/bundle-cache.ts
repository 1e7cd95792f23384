import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BundleSize } from "./bundle.ts";

/** A function's bundle. */
export interface Bundled {
  /** The sources that are in it, relative to the root. */
  readonly inputs: readonly string[];
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly size: BundleSize;
}

interface Entry extends Bundled {
  /** SHA-256 of `FOR_ALL` and of all inputs. */
  readonly hash: string;
}

/** What every bundle depends on besides its own sources: package versions, compiler options, and the bundler. */
const FOR_ALL = [
  "package-lock.json",
  "package.json",
  "tsconfig.json",
  ...["bundle.ts", "bundle-cache.ts", "ocpp-schemas.ts", "source-map.ts"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  ),
];

/**
 * Keeps the functions' bundles in a folder, one file each. Bundling 20 functions takes some 15 s of processor time,
 * reading them 0.3 s. An entry is used only while the content of every source it was made of is the same.
 */
export class BundleCache {
  readonly #root: string;
  readonly #folder: string;
  readonly #openedAtMs = performance.timeOrigin + performance.now();
  readonly #hashes = new Map<string, Promise<string>>();

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  static async open(root: string, folder: string): Promise<BundleCache> {
    await mkdir(folder, { recursive: true });
    return new BundleCache(root, folder);
  }

  /** @returns undefined where there is no entry, or a source has changed since */
  async read(id: string): Promise<Bundled | undefined> {
    try {
      const entry: Entry = JSON.parse(await readFile(this.#fileOf(id), "utf8"));
      return (await this.#hashOf(entry.inputs)) === entry.hash ? entry : undefined;
    } catch {
      // No entry, a damaged one, or a source that was removed.
      return undefined;
    }
  }

  /** Stores nothing if a source has changed since the cache was opened: the bundle may be of the former text. */
  async write(id: string, bundled: Bundled): Promise<void> {
    const { inputs, files, size } = bundled;
    const changes = await Promise.all(inputs.map(async (path) => (await stat(this.#pathOf(path))).mtimeMs));
    if (changes.some((changedAtMs) => changedAtMs >= this.#openedAtMs)) return;
    const entry: Entry = { inputs, files, size, hash: await this.#hashOf(inputs) };
    // A rename is atomic: another process reads the former entry or this one.
    const partial = `${this.#fileOf(id)}.${process.pid}`;
    await writeFile(partial, JSON.stringify(entry));
    await rename(partial, this.#fileOf(id));
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #pathOf(input: string): string {
    return isAbsolute(input) ? input : join(this.#root, input);
  }

  async #hashOf(inputs: readonly string[]): Promise<string> {
    const hash = createHash("sha256");
    for (const path of [...FOR_ALL, ...inputs]) hash.update(`${path}\0${await this.#hashOfFile(path)}\0`);
    return hash.digest("hex");
  }

  /** Each file is read once for all functions. */
  #hashOfFile(path: string): Promise<string> {
    const known = this.#hashes.get(path);
    if (known !== undefined) return known;
    const reading = readFile(this.#pathOf(path)).then((bytes) =>
      createHash("sha256").update(bytes).digest("hex"),
    );
    this.#hashes.set(path, reading);
    return reading;
  }
}
