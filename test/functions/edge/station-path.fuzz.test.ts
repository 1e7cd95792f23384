import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { IDENTITY_PATTERN, NETWORK_ID_PATTERN } from "../../../shared/ids.ts";

const source = readFileSync(new URL("../../../functions/edge/station-path.js", import.meta.url), "utf8")
  .replace("{{stage}}", "station")
  .replace("{{endpoint}}", "basic");

interface Passed {
  readonly uri: string;
  readonly querystring: Record<string, { readonly value: string }>;
}
const handler: (event: object) => Passed | { statusCode: number } = runInContext(
  `"use strict";${source};handler`,
  createContext({}),
);
const run = (uri: string) =>
  handler({ viewer: { ip: "192.0.2.7" }, request: { method: "GET", uri, querystring: {}, headers: {} } });

/** The query as API Gateway reads it. */
const queryOf = ({ querystring }: Passed) =>
  new URLSearchParams(
    Object.entries(querystring)
      .map(([name, { value }]) => `${name}=${value}`)
      .join("&"),
  );

const identity = new RegExp(IDENTITY_PATTERN, "u");
const networkId = new RegExp(NETWORK_ID_PATTERN);

it("reads every identity from the path", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 48 });
  const network = fc.stringMatching(new RegExp(NETWORK_ID_PATTERN));
  fc.assert(
    fc.property(text, network, (id, of) => {
      fc.pre(identity.test(id));
      const result = run(`/ocpp/${of}/${encodeURIComponent(id)}`) as Passed;
      expect(Object.fromEntries(queryOf(result))).toEqual({
        identity: id,
        networkId: of,
        source: "192.0.2.7",
      });
    }),
    { numRuns: 1000 },
  );
});

it("answers every path: 404, or the stage with one identity, one network and one source", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "/",
      "%",
      "%2F",
      "%25",
      "%3A",
      ":",
      "&",
      "=",
      "#",
      "?",
      "+",
      ";",
      "..",
      "%00",
      "%ED%A0%80",
      "é",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.constantFrom("CP1", "acme", "identity=", "networkId=", "source=", "x".repeat(47)),
  );
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/ocpp/${pieces.join("")}`);
  fc.assert(
    fc.property(path, (uri) => {
      const result = run(uri);
      if ("statusCode" in result) {
        expect(result.statusCode).toBe(404);
        return;
      }
      const query = [...queryOf(result)];
      expect(result.uri).toBe("/station");
      expect(query.map(([name]) => name)).toEqual(["identity", "networkId", "source"]);
      expect(query[0]?.[1]).toMatch(identity);
      expect(query[1]?.[1]).toMatch(networkId);
      expect(query[2]?.[1]).toBe("192.0.2.7");
    }),
    { numRuns: 5000 },
  );
});
