import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { ocppSchemas } from "../../infra/ocpp-schemas.ts";
import { PROTOCOLS } from "../../shared/ocpp/protocols.ts";

async function bundleSchemas() {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "./shared/ocpp/schemas.ts"', resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    plugins: [ocppSchemas],
  });
  const [{ text } = { text: "" }] = outputFiles;
  return { bytes: text.length, module: await import(`data:text/javascript,${encodeURIComponent(text)}`) };
}

describe("the bundled schemas", () => {
  it("validate as those of the package, in less than half the bytes", async () => {
    const { bytes, module } = await bundleSchemas();
    expect(bytes).toBeLessThan(460_000);
    for (const protocol of PROTOCOLS) {
      expect(await module.validatePayload(protocol, "Heartbeat", "request", {})).toEqual([]);
      expect(await module.validatePayload(protocol, "Heartbeat", "response", { currentTime: 1 })).toEqual([
        { pointer: "/currentTime", detail: "must be a string", keyword: "type" },
      ]);
    }
  });

  it("keep properties that are called like an annotation", async () => {
    const { module } = await bundleSchemas();
    const { properties } = await module.payloadSchema("ocpp2.1", "SetDefaultTariff", "request");
    const text = JSON.stringify(await module.payloadSchema("ocpp2.1", "SetDefaultTariff", "request"));
    expect(properties.tariff).toBeDefined();
    expect(text).toContain('"description":{"type":"array"');
    expect(text).not.toContain("javaType");
  });
});
