import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildConsole } from "../../infra/console-build.ts";

let root: string;
let builds: number;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "ocpp-relay-console-build-"));
  builds = 0;
  await write("package-lock.json", "{}");
  await write("web/src/main.tsx", "first");
  // Builds by copying the source.
  await write(
    "web/build.ts",
    `import { cpSync, mkdirSync } from "node:fs";
     const [, , folder] = process.argv;
     mkdirSync(folder, { recursive: true });
     cpSync("web/src/main.tsx", folder + "/index.html");`,
  );
});
afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  const file = join(root, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
}

/** Builds, and returns the page. */
async function built(): Promise<string> {
  const onBuild = () => {
    builds += 1;
  };
  const folder = await buildConsole({ root, cache: join(root, "cache"), onBuild });
  return await readFile(join(folder, "index.html"), "utf8");
}

describe("buildConsole", () => {
  it("builds once while no source has changed", async () => {
    expect([await built(), await built()]).toEqual(["first", "first"]);
    expect(builds).toBe(1);
  });

  it.each([
    ["a source", "web/src/main.tsx", "second", "second"],
    ["a new file", "web/src/added.tsx", "", "first"],
    ["the lockfile", "package-lock.json", `{ "lockfileVersion": 3 }`, "first"],
  ])("builds again after a change of %s, and keeps the last build only", async (_, path, text, expected) => {
    await built();

    await write(path, text);

    expect(await built()).toBe(expected);
    expect(builds).toBe(2);
    expect(await readdir(join(root, "cache"))).toHaveLength(1);
  });

  it("does not build again after a change of the generated types", async () => {
    await built();

    await write("web/src/api/schema.d.ts", "export {};");
    await built();

    expect(builds).toBe(1);
  });

  it("throws with the output of a build that fails, and stores nothing", async () => {
    await write("web/build.ts", `console.error("main.tsx: unexpected end"); process.exit(1);`);

    await expect(built()).rejects.toThrow("main.tsx: unexpected end");

    await expect(readdir(join(root, "cache"))).rejects.toThrow("ENOENT");
  });
});
