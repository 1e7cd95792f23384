/** Parses each expression once: dynalite's parsers took a sixth of its time, and more for nested parentheses. */
import type { ExpressionContext, ExpressionParser } from "dynalite/db/index.js";

/** As many as one table's code has, many times over. Names that differ with every request are parsed anew. */
const MAX_EXPRESSIONS = 1_000;

/** BETWEEN compares its bounds, attribute_type reads its operand: the result depends on values, not only on types. */
const DEPENDS_ON_VALUES = /between|attribute_type/i;

/** A parsed expression, with the names of values where the parser puts the values. */
interface Parsed {
  readonly template: unknown;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

class ValueName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Replaces a parser's `parse`. The result of an expression depends on the expression, the attribute names and the
 * types of the values, and contains the values themselves. Every call gets a copy: dynalite writes into it.
 */
export function cacheExpressions(parser: ExpressionParser): void {
  const { parse } = parser;
  const cache = new Map<string, Parsed>();

  parser.parse = (expression, options) => {
    const { context } = options;
    const { attrNames, attrVals = {} } = context;
    if (DEPENDS_ON_VALUES.test(expression)) return parse(expression, options);
    const key = JSON.stringify([expression, attrNames, Object.entries(attrVals).map(typeOf)]);
    let parsed = cache.get(key);
    if (parsed === undefined) {
      const result = parseAlone(expression, context);
      // An error, of this request alone.
      if (typeof result === "string") return result;
      parsed = result;
      if (cache.size >= MAX_EXPRESSIONS) cache.delete(cache.keys().next().value ?? "");
      cache.set(key, parsed);
    }
    for (const name of parsed.names) delete context.unusedAttrNames?.[name];
    for (const name of parsed.values) delete context.unusedAttrVals?.[name];
    return copy(parsed.template, (value) =>
      value instanceof ValueName ? { replacement: attrVals[value.name] } : undefined,
    );
  };

  /** @throws the parser's SyntaxError */
  function parseAlone(expression: string, context: ExpressionContext): Parsed | string {
    const { attrNames = {}, attrVals = {} } = context;
    const unusedAttrNames = flags(attrNames);
    const unusedAttrVals = flags(attrVals);
    const result = parse(expression, { context: { ...context, unusedAttrNames, unusedAttrVals } });
    if (typeof result === "string") return result;
    const nameOf = new Map<object, ValueName>(
      Object.entries(attrVals).map(([name, value]) => [value, new ValueName(name)]),
    );
    return {
      template: copy(result, (value) => {
        const replacement = nameOf.get(value);
        return replacement && { replacement };
      }),
      names: Object.keys(attrNames).filter((name) => !(name in unusedAttrNames)),
      values: Object.keys(attrVals).filter((name) => !(name in unusedAttrVals)),
    };
  }
}

const typeOf = ([name, value]: [string, object]) => [name, Object.keys(value)[0]];

const flags = (names: object): Record<string, true> =>
  Object.fromEntries(Object.keys(names).map((name) => [name, true]));

function copy(value: unknown, replace: (value: object) => { replacement: unknown } | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  const replaced = replace(value);
  if (replaced) return replaced.replacement;
  if (Array.isArray(value)) return value.map((each) => copy(each, replace));
  const copied = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>;
  for (const [name, each] of Object.entries(value)) copied[name] = copy(each, replace);
  return copied;
}
