import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Keywords of the OCA's schemas that no payload is checked by: more than half of their bytes. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "comment",
  "description",
  "javaType",
  "default",
]);

/**
 * Takes the annotations out of ocpp-rpc's schemas when they are bundled (2.1: 257 instead of 562 KB), and
 * leaves them as JSON text: V8 parses that in half the time it needs for the same object as code. Sources
 * run unbundled read the package's files as they are.
 */
export const ocppSchemas: Plugin = {
  name: "ocpp-schemas",
  setup(build) {
    build.onLoad({ filter: /ocpp-rpc\/lib\/schemas\/[^/]+\.json$/ }, async ({ path }) => {
      const schemas: unknown = JSON.parse(await readFile(path, "utf8"));
      const text = JSON.stringify(withoutAnnotations(schemas));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});`, loader: "js" };
    });
  },
};

/** @param isMap whether the keys are names of properties or definitions, any of which may be `description` */
function withoutAnnotations(schema: unknown, isMap = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withoutAnnotations(item));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => isMap || !ANNOTATIONS.has(keyword));
  return Object.fromEntries(
    kept.map(([name, child]) => [
      name,
      withoutAnnotations(child, !isMap && (name === "properties" || name === "definitions")),
    ]),
  );
}
