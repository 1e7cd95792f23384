import { Problem } from "../../problems.ts";
import { requestFormats } from "../../schema/formats.ts";
import { withoutAbsent } from "../../schema/nulls.ts";
import { asSpelled } from "../../schema/spelling.ts";
import { type Schema, validate } from "../../schema/validate.ts";
import type { ApiEvent, ApiMiddleware } from "../event.ts";
import { inWords } from "../pattern-words.ts";
import type { Route } from "../route.ts";

/** Where a request is wrong: a member of the body, a parameter of path or query, or a header. */
type FieldError = (
  | { readonly pointer: string }
  | { readonly parameter: string }
  | { readonly header: string }
) & { readonly detail: string };

type Fields = Readonly<Record<string, unknown>>;
type FieldSchemas = Readonly<Record<string, Schema>>;

/** Validates path, query, headers and body by the route's schemas and fills in defaults. */
export function validateRequest(): ApiMiddleware {
  const validateRequestBefore: ApiMiddleware["before"] = ({ event }) => {
    const { route } = event;
    const schemas = (fields: Route["query"]) => (fields ?? {}) as FieldSchemas;
    const query = coerce(event.queryStringParameters ?? {}, schemas(route.query));
    const params = (event.pathParameters ?? {}) as Record<string, string>;
    const { headers } = event;
    const body = bodyOf(event);
    const errors = [
      ...errorsOf(parameter, params, schemas(route.params)),
      ...errorsOf(parameter, query, schemas(route.query)),
      ...unknownFields(query, schemas(route.query)),
      ...errorsOf(header, headers, schemas(route.headers)),
      ...(route.body && body !== undefined ? bodyErrors(route.body as Schema, body) : []),
      ...(route.body && body === undefined ? [{ pointer: "", detail: "is required" }] : []),
    ];
    if (errors.length > 0) {
      throw new Problem("invalid-request", "The request violates its schema; see `errors`.", { errors });
    }
    event.input = {
      params,
      query: withDefaults(query, schemas(route.query)),
      headers,
      body: withDefaultsOf(route.body, body),
    };
  };

  return { before: validateRequestBefore };
}

function bodyOf({ route, json }: ApiEvent): unknown {
  if ((json === undefined || json === null) && route.bodyOptional) return {};
  const schema = route.body as Schema | undefined;
  return asSpelled(schema, withoutAbsent(schema, json));
}

/** A query is text; what its schema calls a number or a boolean is read as one, what is none stays and is refused. */
function coerce(texts: Fields, schemas: FieldSchemas): Fields {
  const read = ([name, text]: [string, unknown]) => {
    const type = schemas[name]?.type;
    if (type === "integer" && /^-?\d{1,15}$/.test(String(text))) return [name, Number(text)];
    if (type === "boolean" && /^(?:true|false)$/.test(String(text))) return [name, text === "true"];
    return [name, text];
  };
  return Object.fromEntries(Object.entries(texts).map(read));
}

const parameter = (name: string) => ({ parameter: name });

/** `if-match` is written `If-Match`. */
const header = (name: string) => ({
  header: name.replace(/(?:^|-)[a-z]/g, (beginning) => beginning.toUpperCase()),
});

type Place = typeof parameter | typeof header;

const errorsOf = (place: Place, fields: Fields, schemas: FieldSchemas): FieldError[] =>
  Object.entries(schemas).flatMap(([name, schema]) =>
    fields[name] === undefined
      ? []
      : validate(schema, fields[name], requestFormats).map((violation) => ({
          ...place(name),
          detail: inWords(violation),
        })),
  );

const unknownFields = (query: Fields, schemas: FieldSchemas): FieldError[] =>
  Object.keys(query)
    .filter((name) => !Object.hasOwn(schemas, name))
    .map((name) => ({ parameter: name, detail: "is no query parameter of this operation" }));

/**
 * A value as a body of that schema, read as bodies are: absent members without null, words in any case, defaults
 * filled in.
 */
export function readBody(
  schema: NonNullable<Route["body"]>,
  json: unknown,
): { readonly body: unknown; readonly errors: readonly FieldError[] } {
  const body = asSpelled(schema as Schema, withoutAbsent(schema as Schema, json));
  return { body: withDefaultsOf(schema, body), errors: bodyErrors(schema as Schema, body) };
}

const bodyErrors = (schema: Schema, body: unknown): FieldError[] =>
  validate(schema, body, requestFormats).map((violation) => ({
    pointer: violation.pointer,
    detail: inWords(violation),
  }));

function withDefaults(fields: Fields, schemas: FieldSchemas): Fields {
  const defaults = Object.entries(schemas).filter(([, schema]) => schema.default !== undefined);
  return { ...Object.fromEntries(defaults.map(([name, schema]) => [name, schema.default])), ...fields };
}

/** Defaults of a body's own properties; those of objects inside it are not filled in. */
function withDefaultsOf(schema: Route["body"], body: unknown): unknown {
  if (typeof schema !== "object" || !schema.properties || typeof body !== "object" || body === null)
    return body;
  return withDefaults(body as Fields, schema.properties as FieldSchemas);
}
