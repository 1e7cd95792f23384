import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * The folders of `shared/`, lowest first; files directly in `shared/` are below all of them. A folder imports values
 * from folders below it only. Types may point up: they are erased.
 */
const LAYERS = [
  "schema",
  "ocpp",
  "store",
  "limits",
  "log",
  "rates",
  "tokens",
  "networks",
  "webhooks",
  "dialects",
  "configuration",
  "calls",
  "handshake",
  "stations",
  "commands",
  "attempts",
  "bulk",
  "inbound",
  "http",
  "events",
];

const ROOT = "shared";

const folderOf = (file: string): string => {
  const [folder = "", ...rest] = relative(ROOT, file).split("/");
  return rest.length === 0 ? "" : folder;
};

/** Imports, re-exports and dynamic imports of values; `import type` and lists of nothing but types are left out. */
function valueImports(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export) (?!type )([^;]*?) from "(\.[^"]+)"/gm);
  const dynamic = source.matchAll(/import\("(\.[^"]+)"/g);
  const onlyTypes = /^\{(\s*type [^,}]+,?)+\s*\}$/;
  return [
    ...[...statements].filter(([, names = ""]) => !onlyTypes.test(names)).map(([, , path = ""]) => path),
    ...[...dynamic].map(([, path = ""]) => path),
  ];
}

const arrows = globSync(`${ROOT}/**/*.ts`).flatMap((file) =>
  valueImports(readFileSync(file, "utf8")).map((path) => {
    const target = join(dirname(file), path);
    return { file, target, from: folderOf(file), to: folderOf(target) };
  }),
);

describe("the folders of shared/", () => {
  it("are all in the list of layers", () => {
    const folders = new Set(globSync(`${ROOT}/*/`).map((folder) => relative(ROOT, folder)));
    expect([...folders].sort()).toEqual([...LAYERS].sort());
  });

  it("import values from lower folders only", () => {
    const upward = arrows
      .filter(({ from, to }) => from !== to && LAYERS.indexOf(to) > LAYERS.indexOf(from))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(upward).toEqual([]);
  });

  it("are reached from functions/ and infra/, and reach neither", () => {
    const outward = arrows.filter(({ target }) => !target.startsWith(`${ROOT}/`));
    expect(outward).toEqual([]);
  });
});
