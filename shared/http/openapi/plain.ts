/**
 * Rewrites a schema in the subset of JSON Schema that client generators read alike. openapi-generator,
 * openapi-python-client and orval each fail on, or ignore, a part of the rest.
 */
export function plain(schema: object): object {
  const { const: only, pattern, ...rest } = schema as { const?: unknown; pattern?: unknown };
  const isOnly = typeof only === "string" || typeof only === "number";
  return {
    ...rest,
    ...(only !== undefined && (isOnly ? { type: typeof only, enum: [only] } : { const: only })),
    ...(pattern !== undefined && {
      pattern: typeof pattern === "string" ? withoutSurrogates(pattern) : pattern,
    }),
  };
}

/**
 * Removes the range of lone surrogates, which UTF-8 cannot carry. A client that compiles a pattern without
 * JavaScript's `u` flag would refuse every emoji by this range.
 */
const withoutSurrogates = (pattern: string): string => pattern.replace("\\ud800-\\udfff", "");
