import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../shared/http/route.ts";
import { routes } from "../../shared/http/routes.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { PROBLEM_BASE, problems } from "../../shared/problems.ts";
import { type Schema, validate } from "../../shared/schema/validate.ts";
import { valuesOf } from "../support/arbitrary-from-schema.ts";
import { mutationsOf } from "../support/mutations.ts";
import { runs } from "../support/property-limits.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay } from "../support/relay.ts";

/** Requests made from the very schemas that describe them, and such as break them. */

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
  for (const [identity, protocol] of [
    ["FUZZ-16", "ocpp1.6"],
    ["FUZZ-201", "ocpp2.0.1"],
    ["FUZZ-21", "ocpp2.1"],
  ] as const)
    await relay.station(identity, { protocol, stepMs: 1 });
  await relay.register("FUZZ-OFF", { connectors: [{ connectorId: 1 }] });
  await relay.call("PUT", "/rates/fuzz", { body: { currency: "EUR", priceText: "0.45" } });
  for (const station of ["FUZZ-16", "FUZZ-201", "FUZZ-21"])
    await relay.call("PATCH", `/stations/${station}`, { body: { rateId: "fuzz" } });
});
afterAll(() => relay.stop());

const stations = ["FUZZ-16", "FUZZ-201", "FUZZ-21", "FUZZ-OFF"];
const known: Readonly<Record<string, readonly string[]>> = {
  cpId: stations,
  assetId: stations,
  connectorUuid: stations.map((identity) => connectorUuidOf(cpIdOf("default", identity), 1, 1)),
  cpConnectorUuid: stations.map((identity) => connectorUuidOf(cpIdOf("default", identity), 1, 1)),
  rateId: ["fuzz"],
  networkId: ["default", "fuzz"],
};

/** What is known in three of four cases, anything in the fourth. A dot segment would be another path. */
const idsOf = (name: string): fc.Arbitrary<string> => {
  const anything = fc
    .oneof(fc.uuid(), fc.string({ minLength: 1 }), fc.string({ unit: "binary", minLength: 1 }))
    .filter((text) => text !== "." && text !== ".." && text.isWellFormed());
  const own = known[name];
  return own ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...own) }, anything) : anything;
};

const bodiesOf = ({ body }: Route): fc.Arbitrary<unknown> => {
  if (!body) return fc.constant(undefined);
  const examples = ((body as { examples?: unknown[] }).examples ?? []) as unknown[];
  const valid = fc.oneof(
    valuesOf(body as Schema),
    ...(examples.length > 0 ? [fc.constantFrom(...examples)] : []),
  );
  const atStation = fc.tuple(valid, fc.constantFrom(...stations)).map(([value, station]) => {
    if (typeof value !== "object" || value === null) return value;
    return {
      ...value,
      ...("cpId" in value && { cpId: station }),
      ...("assetId" in value && { assetId: station }),
    };
  });
  const broken = fc.tuple(valid, mutationsOf()).map(([value, mutate]) => mutate(value));
  return fc.oneof(atStation, broken, fc.constantFrom("{", "[]", "null", '"text"'));
};

const textsOf = (schemas: Route["query"] = {}): fc.Arbitrary<Record<string, string | undefined>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [
        name,
        fc.oneof(
          valuesOf(schema as Schema).map(String),
          fc.string(),
          ...(name === "network" ? [fc.constant("default")] : []),
        ),
      ]),
    ),
    { requiredKeys: [] },
  );

/** What a header may hold; the rest never leaves a client. */
const headerText = (text: string): boolean => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);

function hold(route: Route, { status, body, headers }: ApiAnswer): void {
  const said = `${status} ${JSON.stringify(body)?.slice(0, 500)}`;
  expect(status, said).not.toBe(500);
  if (status < 400) {
    const promised = route.responses[status];
    expect(promised, said).toBeDefined();
    const isEmpty = promised?.bodyOptional === true && body === undefined;
    if (promised?.schema && !isEmpty) expect(validate(promised.schema as Schema, body), said).toEqual([]);
    else expect(body, said).toBeUndefined();
    return;
  }
  // API Gateway's own: a path that matches no route
  if (status === 404 && headers.get("content-type") === "application/json") return;
  expect(headers.get("content-type"), said).toBe("application/problem+json");
  const slug = body.type.slice(PROBLEM_BASE.length) as keyof typeof problems;
  expect(problems[slug], said).toMatchObject({ status });
  const every = ["invalid-request", "unsupported-media-type"];
  expect([...route.problems, ...every], `${route.operationId}: ${said}`).toContain(slug);
}

describe("every route, whatever is asked", () => {
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s answers as it promises",
    async (_, route) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
      const requests = fc.record({
        params: fc.record(Object.fromEntries(names.map((name) => [name, idsOf(name)]))),
        query: textsOf(route.query),
        headers: textsOf(route.headers),
        body: bodiesOf(route),
      });
      await fc.assert(
        fc.asyncProperty(requests, async ({ params, query, headers, body }) => {
          const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
            encodeURIComponent((params as Record<string, string>)[name] ?? ""),
          );
          const search = new URLSearchParams(query as Record<string, string>).toString();
          // API Gateway takes 10,240 bytes of request line and headers
          fc.pre(search.length < 8_000);
          const sendable = Object.entries({ prefer: "wait=1", ...headers }).filter(([, text]) =>
            headerText(text as string),
          );
          const answer = await relay.call(route.method, path + (search && `?${search}`), {
            ...(body !== undefined && { body }),
            headers: Object.fromEntries(sendable) as Record<string, string>,
          });
          hold(route, answer);
        }),
        { ...runs(8), endOnFailure: true },
      );
    },
  );
});
