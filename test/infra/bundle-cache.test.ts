import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundle } from "../../infra/bundle.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "ocpp-relay-bundle-cache-"));
  await write("package.json", "{}");
  await write("package-lock.json", "{}");
  await write("tsconfig.json", "{}");
  await write("shared/word.ts", `export const word = "first";`);
  await write("functions/one.ts", `export { word } from "../shared/word.ts";`);
});
afterEach(() => rm(root, { recursive: true }));

/** Writes a source whose last change was a minute ago. */
async function write(path: string, text: string, atMs = Date.now() - 60_000): Promise<void> {
  const file = join(root, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
  await utimes(file, atMs / 1000, atMs / 1000);
}

/** Bundles, and returns the text of the function's entry. */
async function bundled(): Promise<string> {
  const outdir = join(root, "out");
  const entries = { one: join(root, "functions/one.ts") };
  await bundle({ root, outdir, entries, cache: join(root, "cache") });
  return readFile(join(outdir, "one/index.mjs"), "utf8");
}

const cacheFile = () => join(root, "cache/one.json");

/** Puts a mark into the cached bundle: a bundle with it came from the cache. */
async function markCached(): Promise<void> {
  await writeFile(cacheFile(), (await readFile(cacheFile(), "utf8")).replaceAll("first", "from the cache"));
}

describe("a cached bundle", () => {
  it("is used while no source has changed", async () => {
    const first = await bundled();
    await markCached();

    expect(first).toContain("first");
    expect(await bundled()).toBe(first.replaceAll("first", "from the cache"));
  });

  it.each([
    ["a source", "shared/word.ts", `export const word = "second";`, "second"],
    ["the lockfile", "package-lock.json", `{ "lockfileVersion": 3 }`, "first"],
    ["the compiler's options", "tsconfig.json", `{ "compilerOptions": {} }`, "first"],
  ])("is made anew after a change of %s", async (_, path, text, expected) => {
    await bundled();
    await markCached();

    await write(path, text);

    expect(await bundled()).toContain(expected);
  });

  it("is made anew if the file in the cache is damaged", async () => {
    await bundled();
    await writeFile(cacheFile(), "{");

    expect(await bundled()).toContain("first");
  });

  it("is not stored if a source changes while it is made", async () => {
    await write("shared/word.ts", `export const word = "first";`, Date.now() + 60_000);

    await bundled();

    await expect(readFile(cacheFile())).rejects.toThrow("ENOENT");
  });
});
