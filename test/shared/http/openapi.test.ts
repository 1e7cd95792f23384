import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { handler } from "../../../functions/api/openapi.ts";
import { EVENT_TYPES, type EventType } from "../../../shared/event-types.ts";
import { eventCatalogue } from "../../../shared/events/catalogue.ts";
import { openApiDocument } from "../../../shared/http/openapi/document.ts";
import examples from "../../../shared/http/openapi/examples.json" with { type: "json" };
import type { Route } from "../../../shared/http/route.ts";
import { routes } from "../../../shared/http/routes.ts";
import { scopes } from "../../../shared/http/scopes.ts";
import { PROBLEM_BASE, problems } from "../../../shared/problems.ts";
import { type Schema, validate } from "../../../shared/schema/validate.ts";
import { callApi } from "../../support/api.ts";

const document = openApiDocument(routes, eventCatalogue, {
  apiUrl: "https://relay.test",
  tokenUrl: "https://example.com/token",
  scopePrefix: "ocpp-relay/",
});
const text = JSON.stringify(document);

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly requestBody?: unknown;
  readonly security: readonly Record<string, string[]>[];
  readonly responses: Record<string, unknown>;
}

const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
);

describe("OpenAPI document", () => {
  it("has nothing that a linter minds", async () => {
    const config = await createConfig({
      extends: ["recommended-strict"],
      rules: {
        // problems of routes that are yet to come are in the catalogue already
        "no-unused-components": "off",
        // reading the document itself cannot fail
        "operation-4xx-response": "off",
        // .../remote_start_attempt/{attemptId} and .../{cpId}/clear_cache have no method in common
        "no-ambiguous-paths": "off",
      },
    });
    const findings = await lintFromString({ source: text, config });
    expect(findings.map(({ message, location }) => `${message} ${location[0]?.pointer}`)).toEqual([]);
  });

  it("has every route, with its scopes as alternatives", () => {
    for (const route of routes) {
      const found = operations.find(({ operationId }) => operationId === route.operationId);
      expect(found).toMatchObject({ path: route.path, method: route.method.toLowerCase() });
      const wanted = found?.security.flatMap(({ clientCredentials }) => clientCredentials);
      expect(wanted).toEqual(route.scopes.map((scope) => `ocpp-relay/${scope}`));
    }
    expect(operations).toHaveLength(routes.length);
  });

  it("has every problem, and at each route those that it can have", () => {
    for (const slug of Object.keys(problems)) expect(text).toContain(`"${PROBLEM_BASE}${slug}"`);
    for (const route of routes) {
      const { responses } = operations.find(
        ({ operationId }) => operationId === route.operationId,
      ) as Operation;
      const statuses = Object.keys(responses).map(Number);
      for (const slug of route.problems) expect(statuses).toContain(problems[slug].status);
      for (const status of Object.keys(route.responses)) expect(statuses).toContain(Number(status));
      expect(statuses.includes(401)).toBe(route.scopes.length > 0);
    }
  });

  it("has an example of every response, which is as its schema promises", () => {
    for (const { operationId, responses } of routes) {
      if (operationId === "getOpenApi") continue;
      for (const [status, { schema }] of Object.entries(responses)) {
        const example = (examples as Record<string, Record<string, unknown>>)[operationId]?.[status];
        if (schema) expect(validate(schema as Schema, example), `${operationId} ${status}`).toEqual([]);
      }
    }
  });

  it("keeps to what client generators read alike", () => {
    const findings: string[] = [];
    const visit = (value: unknown, at: string): void => {
      if (typeof value !== "object" || value === null) return;
      const { const: only, format, pattern, title } = value as Record<string, unknown>;
      if (only !== undefined) findings.push(`${at}: const`);
      if (format === "uuid") findings.push(`${at}: an id in another format`);
      if (typeof pattern === "string" && /\\p|\\ud/.test(pattern)) findings.push(`${at}: ${pattern}`);
      if (Array.isArray((title as { enum?: unknown } | undefined)?.enum)) findings.push(`${at}: fixed title`);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${at}/${key}`);
    };
    visit(document, "");
    expect(findings).toEqual([]);
  });

  it("has a webhook for each type of event, with an example that is as its schema promises", () => {
    const webhooks = document.webhooks as Record<string, { readonly post: Operation }>;
    expect(Object.keys(webhooks).sort()).toEqual([...EVENT_TYPES].sort());
    for (const [type, { post }] of Object.entries(webhooks)) {
      const { content } = post.requestBody as {
        content: Record<string, { schema: object; example: object }>;
      };
      expect(post).toHaveProperty("x-internal", true);
      expect(content["application/json"]?.example).toMatchObject({
        type,
        data: eventCatalogue[type as EventType].example,
      });
      const [, name = ""] =
        /^#\/components\/schemas\/(\w+)$/.exec(
          Object.values(content["application/json"]?.schema ?? {}).join(),
        ) ?? [];
      expect((document.components as { schemas: object }).schemas).toHaveProperty(name);
    }
  });

  it("names each body and each result", () => {
    for (const { operationId, requestBody, responses } of operations) {
      const bodies = [requestBody, ...Object.values(responses)] as { content?: Record<string, unknown> }[];
      for (const body of bodies) {
        const content = body?.content?.["application/json"] as { schema: object } | undefined;
        if (content) expect(Object.keys(content.schema), operationId).toEqual(["$ref"]);
      }
    }
    expect(text).toContain('"#/components/schemas/ResetRequest"');
    expect(text).toContain('"#/components/schemas/ResetResult"');
  });

  it("links from each POST that creates something to the GET that reads it", () => {
    const linked = operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, response]) =>
        Object.keys((response as { links?: object }).links ?? {}).map(
          (to) => `${operationId} ${status} ${to}`,
        ),
      ),
    );
    expect(linked).toEqual(
      expect.arrayContaining([
        "registerStation 201 getStation",
        "createRemoteStartAttempt 201 getRemoteStartAttempt",
        "remoteStop 202 getRemoteStop",
        "clearCache 202 getClearCache",
        "reset 200 getCommand",
        "reset 202 getCommand",
        "sendRawRequest 200 getCommand",
      ]),
    );
  });

  it("takes an Idempotency-Key at every POST, and If-Match at every write of what has an ETag", () => {
    const names = (route: Route) => Object.keys(route.headers ?? {});
    for (const route of routes as readonly Route[]) {
      if (route.method === "POST") expect([route.operationId, ...names(route)]).toContain("idempotency-key");
      const versioned = ["/stations/{cpId}", "/rates/{rateId}", "/networks/{networkId}"].includes(route.path);
      if (versioned && route.method === "GET")
        expect(Object.keys(route.responses[200]?.headers ?? {})).toContain("ETag");
      else if (versioned) expect([route.operationId, ...names(route)]).toContain("if-match");
    }
  });

  it("describes each operation", () => {
    const silent = operations.filter(({ description }) => !description);
    expect(silent.map(({ operationId }) => operationId)).toEqual([]);
  });

  it("lists the answers of API Gateway itself", () => {
    const { responses } = operations.find(({ operationId }) => operationId === "reset") as Operation;
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(["401", "403", "413", "429", "500", "503"]),
    );
  });

  it("names the deployment it is read from as server", async () => {
    const { body } = await callApi(handler, "getOpenApi");
    expect(body.servers).toEqual([{ url: expect.stringMatching(/^https:\/\/[^/]+$/) }]);
  });

  it("has every scope, as tokens spell it", () => {
    for (const scope of Object.keys(scopes)) expect(text).toContain(`"ocpp-relay/${scope}":`);
  });

  it("is served to everybody", async () => {
    const { status, body, headers } = await callApi(handler, "getOpenApi");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json");
    expect(body.openapi).toBe("3.1.0");
  });
});
