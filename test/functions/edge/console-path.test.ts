import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";

const code = readFileSync(new URL("../../../functions/edge/console-path.js", import.meta.url), "utf8");
const handler = new Script(`${code};\nhandler`).runInNewContext();

/** What the function makes of a path. */
const handled = (uri: string) => handler({ request: { uri, querystring: {} } });

describe("the console's viewer-request function", () => {
  it("takes the root as the page", () => {
    expect(handled("/").uri).toBe("/index.html");
  });

  it.each(["/assets/index-Ab12.js", "/favicon.svg", "/config.json"])("passes the file %s on", (uri) => {
    expect(handled(uri)).toEqual({ uri, querystring: {} });
  });

  it.each(["/index.html", "/stations", "/stations/CP1", "/assets/", "/v1.2/stations"])(
    "redirects %s to the one address of the page",
    (uri) => {
      expect(handled(uri)).toMatchObject({ statusCode: 302, headers: { location: { value: "/" } } });
    },
  );
});
