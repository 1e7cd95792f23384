import { useQuery } from "@tanstack/react-query";
import { useConsole } from "../context.ts";
import type { Schema } from "../form/schema.ts";

/** What the console reads of an operation of the OpenAPI document. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly scopes: readonly string[];
  /** The schema of the body; its `$ref`s point into the document. */
  readonly body: Schema | undefined;
  readonly takesIdempotencyKey: boolean;
  readonly takesNetwork: boolean;
}

export interface ApiDocument {
  readonly operations: ReadonlyMap<string, Operation>;
  /** The schema that a `$ref` means. */
  resolve(schema: Schema): Schema;
}

interface RawOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
}

interface RawDocument {
  readonly paths: Record<string, Record<string, RawOperation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

function readDocument(raw: RawDocument): ApiDocument {
  const operations = Object.entries(raw.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      operation.operationId,
      {
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path,
        summary: operation.summary ?? operation.operationId,
        description: operation.description ?? "",
        scopes: (operation.security ?? []).flatMap((one) => Object.values(one).flat()),
        body: operation.requestBody?.content["application/json"]?.schema,
        takesIdempotencyKey:
          operation.parameters?.some(({ name }) => name.toLowerCase() === "idempotency-key") ?? false,
        takesNetwork: operation.parameters?.some(({ name }) => name === "network") ?? false,
      },
    ]),
  );
  const prefix = "#/components/schemas/";
  const resolve = (schema: Schema): Schema => {
    const { $ref, ...beside } = schema;
    if ($ref === undefined) return schema;
    const target = $ref.startsWith(prefix) ? raw.components.schemas[$ref.slice(prefix.length)] : undefined;
    return target === undefined ? beside : { ...resolve(target), ...beside };
  };
  return { operations: new Map(operations), resolve };
}

/** The API's own description of itself. Forms of commands are made from it. */
export function useDocument() {
  const { api } = useConsole();
  return useQuery({
    queryKey: ["openapi.json"],
    queryFn: async ({ signal }) => {
      const { body } = await api.send({ method: "GET", path: "/openapi.json", signal });
      return readDocument(body as RawDocument);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
