import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";

const source = readFileSync(new URL("../../../functions/edge/station-path.js", import.meta.url), "utf8");

interface Request {
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
  headers: Record<string, { value: string }>;
}
type Outcome = { identity: string; networkId: string } | 404;

/** Runs the function as CloudFront does: a script without modules or globals of a host, called by name. */
function run(uri: string, querystring: Request["querystring"] = {}): Request | { statusCode: number } {
  const context = createContext({
    event: {
      version: "1.0",
      context: { eventType: "viewer-request" },
      viewer: { ip: "2001:db8::7" },
      request: { method: "GET", uri, querystring, headers: { authorization: { value: "Basic eA==" } } },
    },
  });
  const result = runInContext(`${source.replace("{{stage}}", "station")}\nhandler(event);`, context);
  return JSON.parse(JSON.stringify(result));
}

const to = (identity: string, networkId = "default"): Outcome => ({ identity, networkId });

// What the query holds is percent-encoded; API Gateway decodes it once for the authorizer.
const paths: [uri: string, outcome: Outcome][] = [
  ["/ocpp/CP1", to("CP1")],
  ["/ocpp/CP1/", to("CP1")],
  ["/ocpp/CP1///", to("CP1")],
  ["/ocpp//CP1", to("CP1")],
  ["//ocpp/CP1", to("CP1")],
  ["/ocpp/acme/CP1", to("CP1", "acme")],
  ["/ocpp/acme/CP1/", to("CP1", "acme")],
  ["/ocpp/acme//CP1", to("CP1", "acme")],
  ["/ocpp/ocpp", to("ocpp")],
  ["/ocpp/ocpp/ocpp", to("ocpp", "ocpp")],
  ["/ocpp/default/CP1", to("CP1", "default")],
  ["/ocpp/DE*ABC*E1234", to("DE*ABC*E1234")],
  ["/ocpp/CP-1_2.3~4", to("CP-1_2.3~4")],
  ["/ocpp/123e4567-e89b-12d3-a456-426614174000", to("123e4567-e89b-12d3-a456-426614174000")],
  // Escapes: the examples of OCPP-J 1.6 §3.1.1 and worse.
  ["/ocpp/RDAM%7C123", to("RDAM%7C123")],
  ["/ocpp/RDAM|123", to("RDAM%7C123")],
  ["/ocpp/CP%201", to("CP%201")],
  ["/ocpp/CP 1", to("CP%201")],
  ["/ocpp/CP+1", to("CP%2B1")],
  ["/ocpp/CP%2B1", to("CP%2B1")],
  ["/ocpp/CP%2F1", to("CP%2F1")],
  ["/ocpp/acme%2FCP1", to("acme%2FCP1")],
  ["/ocpp/%43%50%31", to("CP1")],
  ["/ocpp/caf%C3%A9", to("caf%C3%A9")],
  ["/ocpp/café", to("caf%C3%A9")],
  ["/ocpp/%E5%AE%B6/%F0%9F%94%8C", to("%F0%9F%94%8C", "%E5%AE%B6")],
  ["/ocpp/CP%2520", to("CP%2520")],
  ["/ocpp/100%25", to("100%25")],
  ["/ocpp/CP%00", to("CP%00")],
  ["/ocpp/a%3Ab", to("a%3Ab")],
  ["/ocpp/%2e%2e", to("..")],
  // Nothing in an identity becomes a parameter of its own.
  ["/ocpp/CP1&networkId=acme", to("CP1%26networkId%3Dacme")],
  ["/ocpp/CP1%26identity=CP2", to("CP1%26identity%3DCP2")],
  ["/ocpp/CP1%3Fidentity=CP2", to("CP1%3Fidentity%3DCP2")],
  ["/ocpp/CP1;a=b", to("CP1%3Ba%3Db")],
  ["/ocpp/CP1%23", to("CP1%23")],
  ["/ocpp/__proto__/constructor", to("constructor", "__proto__")],
  // No station's path.
  ["/", 404],
  ["", 404],
  ["/ocpp", 404],
  ["/ocpp/", 404],
  ["/ocpp//", 404],
  ["/CP1", 404],
  ["/station", 404],
  ["/station/CP1", 404],
  ["/OCPP/CP1", 404],
  ["/ocpp2/CP1", 404],
  ["/%6Fcpp/CP1", 404],
  ["/x/ocpp/CP1", 404],
  ["/ocpp/acme/hall/CP1", 404],
  ["/ocpp/CP%", 404],
  ["/ocpp/CP%zz", 404],
  ["/ocpp/%E5%AE", 404],
  ["/ocpp/%FF", 404],
  ["/ocpp/%C0%AF", 404],
  ["/ocpp/%E5%AE/CP1", 404],
];

describe("the station path function", () => {
  it.each(paths)("takes %j to %j", (uri, outcome) => {
    const result = run(uri);

    if (outcome === 404) {
      expect(result).toEqual({ statusCode: 404, statusDescription: "Not Found" });
    } else {
      expect(result).toMatchObject({
        uri: "/station",
        querystring: {
          identity: { value: outcome.identity },
          networkId: { value: outcome.networkId },
          source: { value: "2001%3Adb8%3A%3A7" },
        },
      });
    }
  });

  const hostile: Request["querystring"][] = [
    { identity: { value: "CP2" } },
    { networkId: { value: "acme" }, identity: { value: "CP2" } },
    { identity: { value: "CP2", multiValue: [{ value: "CP2" }, { value: "CP3" }] } },
    { Identity: { value: "CP2" }, IDENTITY: { value: "CP3" }, networkid: { value: "acme" } },
    { "%69dentity": { value: "CP2" }, "network%49d": { value: "acme" } },
    { "identity[]": { value: "CP2" }, "": { value: "identity=CP2" } },
    { token: { value: "x&identity=CP2" } },
    JSON.parse('{"__proto__": {"value": "CP2"}}'),
  ];
  it.each(hostile)("lets nothing of the viewer's query pass: %j", (querystring) => {
    const result = run("/ocpp/CP1", querystring);

    expect(result).toMatchObject({ uri: "/station" });
    expect((result as Request).querystring).toEqual({
      identity: { value: "CP1" },
      networkId: { value: "default" },
      source: { value: "2001%3Adb8%3A%3A7" },
    });
  });

  it("keeps the request's method and headers", () => {
    expect(run("/ocpp/CP1")).toMatchObject({
      method: "GET",
      headers: { authorization: { value: "Basic eA==" } },
    });
  });

  it("fits into a CloudFront Function: 10 KB, no modules, no asynchrony", () => {
    expect(Buffer.byteLength(source)).toBeLessThanOrEqual(10_240);
    expect(source).not.toMatch(/\b(import|export|require|async|await|Promise|setTimeout)\b/);
  });
});
