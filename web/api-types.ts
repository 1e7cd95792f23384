/**
 * The types of the API (`web/src/api/schema.d.ts`), from the OpenAPI document. openapi-typescript needs the compiler
 * API of TypeScript 5, which TypeScript 7 does not have: its import is resolved to the copy in @ts-morph/common. (The
 * package `typescript` itself, under another name, would replace the command `tsc`.)
 */
import { readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { eventCatalogue } from "../shared/events/catalogue.ts";
import { openApiDocument } from "../shared/http/openapi/document.ts";
import { routes } from "../shared/http/routes.ts";

const file = new URL("src/api/schema.d.ts", import.meta.url);

const compiler = `data:text/javascript,export { ts as default } from "${import.meta.resolve("@ts-morph/common")}";`;
registerHooks({
  resolve: (specifier, context, next) => next(specifier === "typescript" ? compiler : specifier, context),
});

const { default: openapiTS, astToString } = await import("openapi-typescript");
const settings = { apiUrl: "/", tokenUrl: "/oauth2/token", scopePrefix: "" };
const document = openApiDocument(routes, eventCatalogue, settings);
const types = astToString(await openapiTS(JSON.stringify(withoutExamples(document))));
// Unchanged types keep their time, so that the compiler and editors do not read them again.
if (read() !== types) writeFileSync(file, types);

function read(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Examples and errors are comments in the types: four fifths of their bytes. */
function withoutExamples(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutExamples);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "example" && key !== "examples");
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutExamples(child)]));
}
