import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Metafile, type OutputFile } from "esbuild";
import { BundleCache, type Bundled } from "./bundle-cache.ts";
import { ocppSchemas } from "./ocpp-schemas.ts";
import { ownSourceMap } from "./source-map.ts";

export interface BundleOptions {
  /** Where the sources are; what the source maps name is relative to it. */
  readonly root: string;
  /** Gets one folder per function. What is there is removed. */
  readonly outdir: string;
  /** The entry of each function, by its id. */
  readonly entries: Readonly<Record<string, string>>;
  /** Folder that keeps bundles between runs: a function whose sources are unchanged is not bundled again. */
  readonly cache?: string;
}

/** How much code a function is, in bytes; `bundles.json` holds one for each function. */
export interface BundleSize {
  /** What a cold start loads: the entry and what it imports statically. */
  readonly eagerBytes: number;
  readonly eagerFiles: number;
  /** What an `await import()` loads when it is reached. */
  readonly lazyBytes: number;
  /** Eager bytes by npm package; `own` is this repository. */
  readonly packages: Readonly<Record<string, number>>;
}

/**
 * Bundles every function with all it needs, the AWS SDK included, into `<outdir>/<id>/index.mjs` and the
 * chunks beside it, and writes their sizes into `<outdir>/bundles.json`.
 *
 * One esbuild call for each function: one call for all ten parses the SDK once (0.4 instead of 1.5 s), but
 * what functions share is then cut into up to three times as many chunks, and api-synchronous takes 41
 * instead of 33 ms to load (least of 21). A change in one function would also change the others' bytes.
 *
 * The bytes depend on the sources alone, neither on `outdir` nor on where the checkout is: they become asset
 * hashes, and a hash that differs between two machines is a deployment that changes nothing.
 *
 * @throws Error naming the function whose entry is missing, or esbuild's own with the place in the source
 */
export async function bundle(options: BundleOptions): Promise<Record<string, BundleSize>> {
  const { root, outdir, entries } = options;
  const cache = options.cache === undefined ? undefined : await BundleCache.open(root, options.cache);
  await rm(outdir, { recursive: true, force: true });
  const sizes = await Promise.all(
    Object.entries(entries).map(async ([id, entry]) => {
      if (!existsSync(entry)) throw new Error(`the entry of ${id} does not exist: ${entry}`);
      const bundled = (await cache?.read(id)) ?? (await bundleOne(root, entry));
      await Promise.all([writeAll(join(outdir, id), bundled.files), cache?.write(id, bundled)]);
      return [id, bundled.size] as const;
    }),
  );
  await writeFile(join(outdir, "bundles.json"), `${JSON.stringify(Object.fromEntries(sizes), null, 2)}\n`);
  return Object.fromEntries(sizes);
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
}

async function bundleOne(root: string, entry: string): Promise<Bundled> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: entry },
    // Never written to: a constant place below the root, for source maps name sources relative to it.
    outdir: join(root, "dist"),
    write: false,
    // A work tree may share its node_modules by a link, whose target would show in the bytes.
    preserveSymlinks: true,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    // ESM builds of packages are smaller (unused exports go) and need no `require` in the output.
    mainFields: ["module", "main"],
    plugins: [ocppSchemas],
    splitting: true,
    minify: true,
    keepNames: true,
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    logLevel: "silent",
  });
  const files = new Map(outputFiles.map((file) => [basename(file.path), file]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const eager = reachable(outputs, ["import-statement"]);
  const all = reachable(outputs, ["import-statement", "dynamic-import"]);
  const written: Record<string, string> = {};
  for (const name of all) {
    const { code, map } = emit(files.get(name), files.get(`${name}.map`));
    written[name] = code;
    if (map !== undefined) written[`${name}.map`] = map;
  }
  return { inputs: Object.keys(metafile.inputs), files: written, size: sizeOf(eager, all, outputs) };
}

type Outputs = ReadonlyMap<string, Metafile["outputs"][string]>;

/** The chunks that the entry leads to by such imports, itself included, in a stable order. */
function reachable(outputs: Outputs, kinds: readonly string[]): string[] {
  const found = new Set<string>();
  const follow = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const { path, kind, external } of outputs.get(name)?.imports ?? []) {
      if (external && kind === "require-call") {
        // ESM has no `require`; a banner that makes one costs every cold start, so the error names the importing module.
        throw new Error(`${name} calls require(${JSON.stringify(path)}): use the package's ESM build`);
      }
      if (!external && kinds.includes(kind)) follow(basename(path));
    }
  };
  follow("index.mjs");
  return [...found].sort();
}

function emit(code: OutputFile | undefined, map: OutputFile | undefined): { code: string; map?: string } {
  if (code === undefined || map === undefined) throw new Error("esbuild left out a chunk or its source map");
  const own = ownSourceMap(map.text);
  // A comment that points to no file would be a failed read in every cold start.
  if (own === undefined) return { code: code.text.replace(/\/\/# sourceMappingURL=.*\n?$/, "") };
  return { code: code.text, map: own };
}

function sizeOf(eager: readonly string[], all: readonly string[], outputs: Outputs): BundleSize {
  const bytes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + (outputs.get(name)?.bytes ?? 0), 0);
  const packages: Record<string, number> = {};
  for (const name of eager) {
    for (const [path, input] of Object.entries(outputs.get(name)?.inputs ?? {})) {
      const owner = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "own";
      if (input.bytesInOutput > 0) packages[owner] = (packages[owner] ?? 0) + input.bytesInOutput;
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([, a], [, b]) => b - a));
  const eagerBytes = bytes(eager);
  return { eagerBytes, eagerFiles: eager.length, lazyBytes: bytes(all) - eagerBytes, packages: sorted };
}
