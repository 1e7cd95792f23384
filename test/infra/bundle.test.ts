import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type BundleSize, bundle } from "../../infra/bundle.ts";
import { functionIds } from "../../infra/functions.ts";

/** A small checkout: two functions that share a module and a package, one of which loads a part when it needs it. */
const sources = {
  "functions/first.ts": `
    import { shared } from "../shared/shared.ts";
    export const handler = async () => [shared("first"), (await import("../shared/lazy.ts")).rare()];`,
  "functions/second.ts": `
    import { shared } from "../shared/shared.ts";
    export const handler = async () => shared("second");`,
  "shared/shared.ts": `
    import { twice } from "twice";
    export class NamedError extends Error {}
    export function shared(name: string): string {
      if (name === "fail") throw new NamedError(name);
      return twice(name);
    }`,
  "shared/lazy.ts": `export const rare = () => "seldom".repeat(2);`,
  "node_modules/twice/package.json": `{"name": "twice", "main": "cjs.js", "module": "esm.js"}`,
  "node_modules/twice/cjs.js": `require("fs"); exports.twice = () => "from CommonJS";`,
  "node_modules/twice/esm.js": `export const twice = (text) => text + text; export const unused = "not needed";`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-bundle-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function checkout(name: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [path, text] of Object.entries({ ...sources, ...changes })) {
    const file = join(folder, name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return join(folder, name);
}

const bundled = (root: string, outdir: string) =>
  bundle({
    root,
    outdir,
    entries: { first: join(root, "functions/first.ts"), second: join(root, "functions/second.ts") },
  });

/** Every file below a folder with its text. */
async function filesOf(root: string): Promise<Record<string, string>> {
  const names = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const files = await Promise.all(
    names.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length + 1), await readFile(path, "utf8")];
    }),
  );
  return Object.fromEntries(files.sort());
}

/** Calls a bundle's handler in a process of its own, as Lambda would. */
function runHandler(file: string): unknown {
  const script = `const { handler } = await import(process.argv[1]); console.log(JSON.stringify(await handler()));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", script, file], { encoding: "utf8" }),
  );
}

describe("bundle", () => {
  it("gives each function a folder that runs by itself", async () => {
    const out = join(folder, "out-run");

    await bundled(await checkout("run"), out);

    expect(runHandler(join(out, "first/index.mjs"))).toEqual(["firstfirst", "seldomseldom"]);
    expect(runHandler(join(out, "second/index.mjs"))).toBe("secondsecond");
  });

  it("makes the same bytes in another folder of another checkout", async () => {
    await bundled(await checkout("here"), join(folder, "out-here"));
    await bundled(await checkout("deeper/down/there"), join(folder, "x/y/z/out-there"));

    expect(await filesOf(join(folder, "out-here"))).toEqual(await filesOf(join(folder, "x/y/z/out-there")));
  });

  it("makes the same bytes where node_modules is a link", async () => {
    await bundled(await checkout("whole"), join(folder, "out-whole"));
    const linked = await checkout("linked");
    await rm(join(linked, "node_modules"), { recursive: true });
    await symlink(join(folder, "whole/node_modules"), join(linked, "node_modules"));

    await bundled(linked, join(folder, "out-linked"));

    expect(await filesOf(join(folder, "out-linked"))).toEqual(await filesOf(join(folder, "out-whole")));
  });

  it("removes what an earlier bundle left", async () => {
    const out = join(folder, "out-stale");
    await mkdir(join(out, "gone"), { recursive: true });
    await writeFile(join(out, "gone/index.mjs"), "");

    await bundled(await checkout("stale"), out);

    expect((await readdir(out)).sort()).toEqual(["bundles.json", "first", "second"]);
  });

  it("leaves to await import() what is only reached by it", async () => {
    const out = join(folder, "out-lazy");

    const sizes = await bundled(await checkout("lazy"), out);

    expect(sizes.first?.lazyBytes).toBeGreaterThan(0);
    expect(sizes.second?.lazyBytes).toBe(0);
    expect(await readFile(join(out, "first/index.mjs"), "utf8")).not.toContain("seldom");
    expect(JSON.stringify(await filesOf(join(out, "second")))).not.toContain("seldom");
  });

  it("takes a package's ESM build and of it what is used", async () => {
    const out = join(folder, "out-esm");

    const sizes = await bundled(await checkout("esm"), out);

    expect(JSON.stringify(await filesOf(out))).not.toMatch(/from CommonJS|not needed/);
    expect(Object.keys(sizes.second?.packages ?? {}).sort()).toEqual(["own", "twice"]);
  });

  it("keeps the names of classes, and source maps that lead to our sources alone", async () => {
    const out = join(folder, "out-maps");

    await bundled(await checkout("maps"), out);

    const files = await filesOf(join(out, "second"));
    const [chunk, code] = Object.entries(files).find(([, text]) => text.includes('"NamedError"')) ?? [];
    const map = JSON.parse(files[`${chunk}.map`] ?? "{}");
    expect(map.sources).toEqual(["shared/shared.ts", "functions/second.ts"]);
    const column = code?.indexOf("throw new") ?? -1;
    expect(new SourceMap(map).findEntry(0, column)).toMatchObject({
      originalSource: "shared/shared.ts",
      originalLine: 4,
    });
  });

  it("says which function's entry is missing", async () => {
    const root = await checkout("missing");

    await expect(
      bundle({
        root,
        outdir: join(folder, "out-missing"),
        entries: { third: join(root, "functions/third.ts") },
      }),
    ).rejects.toThrow(/the entry of third does not exist: .*functions\/third\.ts/);
  });

  it("refuses a package that needs require", async () => {
    const root = await checkout("require", {
      "node_modules/twice/package.json": `{"name": "twice", "main": "cjs.js"}`,
    });

    await expect(bundled(root, join(folder, "out-require"))).rejects.toThrow(/require\("fs"\)/);
  });
});

describe("the functions' bundles", () => {
  it("hold what a function runs and nothing of the tools that make and test it", async () => {
    const sizes: Record<string, BundleSize> = JSON.parse(
      await readFile(join(inject("assembly"), "functions/bundles.json"), "utf8"),
    );

    expect(Object.keys(sizes).sort()).toEqual([...functionIds].sort());
    for (const { packages, eagerBytes } of Object.values(sizes)) {
      expect(Object.keys(packages)).not.toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^(aws-cdk-lib|constructs|dynalite|ajv|ws|esbuild|vitest)$/),
        ]),
      );
      // The SDK's clients alone are 381 KB; what is far above has caught something it should not.
      expect(eagerBytes).toBeLessThan(600_000);
    }
  });

  it("name no folder of the machine they were made on", async () => {
    for (const [name, text] of Object.entries(await filesOf(join(inject("assembly"), "functions")))) {
      expect(text.includes(process.cwd()), name).toBe(false);
    }
  });
});
