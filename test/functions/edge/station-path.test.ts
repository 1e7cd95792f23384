import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { type Node, parse } from "acorn";
import { ancestor, full } from "acorn-walk";
import { describe, expect, it } from "vitest";
import { isIdentity, NETWORK_ID_PATTERN } from "../../../shared/ids.ts";

const source = readFileSync(new URL("../../../functions/edge/station-path.js", import.meta.url), "utf8");
/** As it is deployed: test/infra/constructs/station-endpoint.test.ts compares. */
const deployed = (endpoint: "basic" | "certificate") =>
  source.replace("{{stage}}", "station").replace("{{endpoint}}", endpoint);

interface Request {
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
  headers: Record<string, { value: string }>;
}
type Outcome = { identity: string; networkId: string } | 404;

const handshake = {
  authorization: { value: "Basic eA==" },
  "sec-websocket-key": { value: "dGhlIHNhbXBsZSBub25jZQ==" },
  "sec-websocket-protocol": { value: "ocpp1.6" },
};

/** Runs the function as CloudFront does: a strict script without modules or globals of a host, called by name. */
function run(
  uri: string,
  {
    querystring = {},
    headers = handshake,
    endpoint = "basic",
  }: Partial<Pick<Request, "querystring" | "headers">> & { endpoint?: "basic" | "certificate" } = {},
): Request | { statusCode: number } {
  const context = createContext({
    event: {
      version: "1.0",
      context: { eventType: "viewer-request" },
      viewer: { ip: "2001:db8::7" },
      request: { method: "GET", uri, querystring, headers, cookies: {} },
    },
  });
  const result = runInContext(`"use strict";${deployed(endpoint)}\nhandler(event);`, context);
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
  ["/ocpp/%E5%AE%B6%F0%9F%94%8C", to("%E5%AE%B6%F0%9F%94%8C")],
  ["/ocpp/CP%2520", to("CP%2520")],
  ["/ocpp/CP%252F1", to("CP%252F1")],
  ["/ocpp/100%25", to("100%25")],
  ["/ocpp/%2e%2e", to("..")],
  ["/ocpp/%2E", to(".")],
  ["/ocpp/%20", to("%20")],
  ["/ocpp/%61cme/CP1", to("CP1", "acme")],
  ["/ocpp/a.b-c_d/CP1", to("CP1", "a.b-c_d")],
  // 48 characters, however many bytes they have.
  [`/ocpp/${"x".repeat(48)}`, to("x".repeat(48))],
  [`/ocpp/${"%41".repeat(48)}`, to("A".repeat(48))],
  [`/ocpp/${"%F0%9F%94%8C".repeat(48)}`, to("%F0%9F%94%8C".repeat(48))],
  [`/ocpp/${"n".repeat(48)}/CP1`, to("CP1", "n".repeat(48))],
  // Nothing in an identity becomes a parameter of its own.
  ["/ocpp/CP1&networkId=acme", to("CP1%26networkId%3Dacme")],
  ["/ocpp/CP1%26identity=CP2", to("CP1%26identity%3DCP2")],
  ["/ocpp/CP1%3Fidentity=CP2", to("CP1%3Fidentity%3DCP2")],
  ["/ocpp/CP1;a=b", to("CP1%3Ba%3Db")],
  ["/ocpp/CP1=2", to("CP1%3D2")],
  ["/ocpp/CP1%23", to("CP1%23")],
  ["/ocpp/CP1#x", to("CP1%23x")],
  ["/ocpp/CP1?identity=CP2", to("CP1%3Fidentity%3DCP2")],
  ["/ocpp/__proto__", to("__proto__")],
  ["/ocpp/constructor/__proto__", to("__proto__", "constructor")],
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
  ["/ocpp/%ED%A0%80", 404],
  ["/ocpp/\ud800", 404],
  ["/Ocpp/CP1", 404],
  ["/ocpp;v=1/CP1", 404],
  ["/../ocpp/CP1", 404],
  // too long for an identity
  [`/ocpp/${"x".repeat(49)}`, 404],
  [`/ocpp/${"%41".repeat(49)}`, 404],
  [`/ocpp/${"%F0%9F%94%8C".repeat(49)}`, 404],
  ["/ocpp/a:b", 404],
  ["/ocpp/a%3Ab", 404],
  ["/ocpp/CP%00", 404],
  ["/ocpp/%00", 404],
  ["/ocpp/CP%0D%0AX-Ocpp-Relay-Door:%20x", 404],
  ["/ocpp/CP%7F", 404],
  ["/ocpp/CP%C2%85", 404],
  // not possible as a network id
  ["/ocpp/%E5%AE%B6/CP1", 404],
  ["/ocpp/__proto__/CP1", 404],
  ["/ocpp/../CP1", 404],
  ["/ocpp/%2e%2e/CP1", 404],
  ["/ocpp/acme%2Fhall/CP1", 404],
  ["/ocpp/acme%20/CP1", 404],
  [`/ocpp/${"n".repeat(49)}/CP1`, 404],
];

describe("the station path function", () => {
  it.each(paths)("takes %j to %j", (uri, outcome) => {
    const result = run(uri);

    expect(run(uri, { endpoint: "certificate" })).toEqual(result);

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
    { source: { value: "1.2.3.4" } },
    { "%73ource": { value: "1.2.3.4" }, "source%00": { value: "1.2.3.4" } },
    { networkId: { value: "acme" }, identity: { value: "CP2" } },
    { identity: { value: "CP2", multiValue: [{ value: "CP2" }, { value: "CP3" }] } },
    { Identity: { value: "CP2" }, IDENTITY: { value: "CP3" }, networkid: { value: "acme" } },
    { "%69dentity": { value: "CP2" }, "network%49d": { value: "acme" } },
    { "identity[]": { value: "CP2" }, "": { value: "identity=CP2" } },
    { token: { value: "x&identity=CP2" } },
    JSON.parse('{"__proto__": {"value": "CP2"}}'),
  ];
  it.each(hostile)("lets nothing of the viewer's query pass: %j", (querystring) => {
    const result = run("/ocpp/CP1", { querystring });

    expect(result).toMatchObject({ uri: "/station" });
    expect((result as Request).querystring).toEqual({
      identity: { value: "CP1" },
      networkId: { value: "default" },
      source: { value: "2001%3Adb8%3A%3A7" },
    });
  });

  it("lets through every identity that can be registered, and no other", () => {
    const code = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
    for (const point of [...code(0, 0x250), ...code(0x2000, 0x2070), 0xfeff, 0xffff, 0x1f50c]) {
      const identity = `a${String.fromCodePoint(point)}b`;
      const passes = "uri" in run(`/ocpp/${encodeURIComponent(identity)}`);
      expect([point, passes]).toEqual([point, isIdentity(identity)]);
    }
  });

  it("has the networks' own pattern", () => {
    expect(source).toContain(`/${NETWORK_ID_PATTERN}/`);
  });

  it("keeps the request's method and headers", () => {
    expect(run("/ocpp/CP1")).toMatchObject({ method: "GET", headers: handshake });
  });

  const certificate = {
    "cloudfront-viewer-cert-present": { value: "1" },
    "cloudfront-viewer-cert-subject": { value: "CN=CP1" },
    "cloudfront-viewer-cert-anything": { value: "x" },
  };

  it("removes a viewer's certificate headers at the basic endpoint", () => {
    expect(run("/ocpp/CP1", { headers: { ...handshake, ...certificate } })).toMatchObject({
      headers: expect.toSatisfy((headers) => JSON.stringify(headers) === JSON.stringify(handshake)),
    });
  });

  it("keeps CloudFront's certificate headers at the certificate endpoint", () => {
    const headers = { ...handshake, ...certificate };

    expect(run("/ocpp/CP1", { headers, endpoint: "certificate" })).toMatchObject({ headers });
  });
});

/**
 * What JavaScript runtime 2.0 has, as far as it is used here: ES 5.1, and of later versions const, let, arrow
 * functions and template literals.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
describe("CloudFront's JavaScript runtime 2.0", () => {
  const program = parse(deployed("certificate"), { ecmaVersion: "latest", sourceType: "script" });
  const nodes: Node[] = [];
  full(program, (node) => void nodes.push(node));
  // biome-ignore lint/suspicious/noExplicitAny: each type of node has members of its own
  const ofType = (type: string): any[] => nodes.filter((node) => node.type === type);

  it("takes 10 KB", () => {
    for (const endpoint of ["basic", "certificate"] as const) {
      expect(Buffer.byteLength(deployed(endpoint))).toBeLessThanOrEqual(10_240);
    }
  });

  it("knows the syntax", () => {
    const known = [
      ...["Program", "FunctionDeclaration", "VariableDeclaration", "BlockStatement", "ExpressionStatement"],
      ...["IfStatement", "ReturnStatement", "ForStatement", "ForInStatement", "TryStatement", "CatchClause"],
      ...["Identifier", "Literal", "ObjectExpression", "Property", "MemberExpression", "CallExpression"],
      ...["BinaryExpression", "LogicalExpression", "UnaryExpression", "ConditionalExpression"],
      ...["AssignmentExpression", "VariableDeclarator", "UpdateExpression", "ArrowFunctionExpression"],
      ...["TemplateLiteral", "TemplateElement"],
    ];
    expect([...new Set(nodes.map(({ type }) => type))].filter((type) => !known.includes(type))).toEqual([]);
    for (const { shorthand, computed, method } of ofType("Property")) {
      expect([shorthand, computed, method]).toEqual([false, false, false]);
    }
    for (const { async, generator, params } of [
      ...ofType("FunctionDeclaration"),
      ...ofType("ArrowFunctionExpression"),
    ]) {
      expect([async, generator]).toEqual([false, false]);
      expect(params.every(({ type }: Node) => type === "Identifier")).toBe(true);
    }
    for (const { optional } of [...ofType("MemberExpression"), ...ofType("CallExpression")]) {
      expect(optional).toBe(false);
    }
    for (const { param } of ofType("CatchClause")) expect(param?.type).toBe("Identifier");
    for (const { operator } of ofType("LogicalExpression")) expect(["&&", "||"]).toContain(operator);
    for (const { regex } of ofType("Literal")) expect(regex?.flags ?? "").toMatch(/^[gim]*$/);
  });

  it("knows the globals, and the methods", () => {
    const declared = new Set<string>();
    const used = new Set<string>();
    ancestor(program, {
      FunctionDeclaration: (node) => {
        declared.add(node.id?.name ?? "");
        for (const param of node.params) if (param.type === "Identifier") declared.add(param.name);
      },
      ArrowFunctionExpression: (node) => {
        for (const param of node.params) if (param.type === "Identifier") declared.add(param.name);
      },
      VariableDeclarator: (node) => {
        if (node.id.type === "Identifier") declared.add(node.id.name);
      },
      CatchClause: (node) => {
        if (node.param?.type === "Identifier") declared.add(node.param.name);
      },
      Identifier: (node) => void used.add(node.name),
    });
    const methods = ofType("CallExpression")
      .filter(({ callee }) => callee.type === "MemberExpression")
      .map(({ callee }) => callee.property.name);

    expect([...used].filter((name) => !declared.has(name)).toSorted()).toEqual([
      "decodeURIComponent",
      "encodeURIComponent",
      "undefined",
    ]);
    expect([...new Set(methods)].toSorted()).toEqual([
      "charCodeAt",
      "filter",
      "pop",
      "shift",
      "split",
      "test",
    ]);
  });

  it("takes the regular expressions, whatever its engine: none names half a character", () => {
    const patterns = ofType("Literal").flatMap(({ regex }) => (regex ? [regex.pattern] : []));

    expect(patterns.length).toBeGreaterThan(0);
    expect(patterns.filter((pattern) => /\\u[dD][89a-fA-F]/.test(pattern))).toEqual([]);
  });
});
