import conditionParser from "dynalite/db/conditionParser.js";
import type { ExpressionContext, ExpressionParser } from "dynalite/db/index.js";
import updateParser from "dynalite/db/updateParser.js";
import { describe, expect, it } from "vitest";
import { cacheExpressions } from "../../../local/dynamodb/expressions.ts";

const parsers = { condition: conditionParser, update: updateParser };

/** The parser with a cache in front of it, which counts how often an expression is really parsed. */
function cached(kind: keyof typeof parsers) {
  let parsed = 0;
  const parser: ExpressionParser = {
    parse(expression, options) {
      parsed += 1;
      return parsers[kind].parse(expression, options);
    },
  };
  cacheExpressions(parser);
  return { parser, parses: () => parsed };
}

type Values = Record<string, Record<string, unknown>>;

const context = (names: Record<string, string>, values: Values): ExpressionContext => ({
  attrNames: names,
  attrVals: values,
  unusedAttrNames: Object.fromEntries(Object.keys(names).map((name) => [name, true as const])),
  unusedAttrVals: Object.fromEntries(Object.keys(values).map((name) => [name, true as const])),
  isReserved: (name) => name === "connection",
  compare: () => false,
});

const cases: [keyof typeof parsers, string, Record<string, string>, Values, Values][] = [
  [
    "condition",
    "attribute_exists(pk) AND #state = :a",
    { "#state": "state" },
    { ":a": { S: "1" } },
    { ":a": { S: "2" } },
  ],
  [
    "condition",
    "(a < :a OR NOT size(b.c[1]) >= :b)",
    {},
    { ":a": { N: "1" }, ":b": { N: "2" } },
    { ":a": { N: "3" }, ":b": { N: "4" } },
  ],
  [
    "condition",
    "a IN (:a, :b)",
    {},
    { ":a": { S: "x" }, ":b": { S: "y" } },
    { ":a": { S: "p" }, ":b": { S: "q" } },
  ],
  [
    "update",
    "SET a = if_not_exists(a, :a), #m.b = a - :n REMOVE c[0] ADD d :n",
    { "#m": "m" },
    { ":a": { M: { x: { S: "1" } } }, ":n": { N: "1" } },
    { ":a": { M: {} }, ":n": { N: "7" } },
  ],
];

describe("a cached expression", () => {
  it.each(cases)("of a %s, %s, has the values of each request", (kind, expression, names, first, second) => {
    const { parser, parses } = cached(kind);

    for (const values of [first, second]) {
      const own = context(names, { ...values, ":more": { S: "unused" } });
      const expected = context(names, { ...values, ":more": { S: "unused" } });

      const result = parser.parse(expression, { context: own });

      expect(result).toEqual(parsers[kind].parse(expression, { context: expected }));
      expect(own.unusedAttrVals).toEqual({ ":more": true });
      expect(own.unusedAttrNames).toEqual(expected.unusedAttrNames);
    }
    expect(parses()).toBe(1);
  });

  it("is a copy, because the engine writes into it", () => {
    const { parser } = cached("update");
    const parse = () => parser.parse("SET a = :a", { context: context({}, { ":a": { S: "1" } }) });
    const first = parse() as { sections: { val: unknown }[] };
    Object.assign(first.sections[0] ?? {}, { val: "overwritten" });

    expect(parse()).toMatchObject({ sections: [{ val: { S: "1" } }] });
  });

  it("is parsed again where names or types differ, or where the result depends on values", () => {
    const { parser, parses } = cached("condition");
    const parse = (expression: string, names: Record<string, string>, values: Values) =>
      parser.parse(expression, { context: context(names, values) });

    parse("#a = :a", { "#a": "x" }, { ":a": { S: "1" } });
    expect(parse("#a = :a", { "#a": "y" }, { ":a": { S: "1" } })).toMatchObject({ pathHeads: { y: true } });
    parse("#a = :a", { "#a": "x" }, { ":a": { N: "1" } });
    expect(parses()).toBe(3);
    for (const bound of ["1", "2"])
      parse("a BETWEEN :a AND :b", {}, { ":a": { N: bound }, ":b": { N: "9" } });

    expect(parses()).toBe(5);
  });

  it("keeps no error", () => {
    const { parser } = cached("condition");
    const parse = (expression: string) =>
      parser.parse(expression, { context: context({}, { ":a": { S: "1" } }) });

    expect(parse("connection = :a")).toMatch("reserved keyword");
    expect(parse("connection = :a")).toMatch("reserved keyword");
    expect(() => parse("a = ")).toThrow();
    expect(() => parse("a = ")).toThrow();
  });
});
