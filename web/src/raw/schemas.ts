import { useQuery } from "@tanstack/react-query";
import v16 from "ocpp-rpc/lib/schemas/ocpp1_6.json?url";
import v201 from "ocpp-rpc/lib/schemas/ocpp2_0_1.json?url";
import v21 from "ocpp-rpc/lib/schemas/ocpp2_1.json?url";
import type { ApiDocument } from "../api/document.ts";
import type { Schema } from "../form/schema.ts";

/** The schemas of the OCA: static files, read when a version is first needed. */
const files: Readonly<Record<string, string>> = { "ocpp1.6": v16, "ocpp2.0.1": v201, "ocpp2.1": v21 };

export type ActionSchema = Schema & {
  readonly $id: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
};

/** The schemas of the requests of a version, by action. */
export function useRequestSchemas(protocol: string | undefined) {
  const file = protocol === undefined ? undefined : files[protocol];
  return useQuery({
    queryKey: ["schemas", protocol],
    enabled: file !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const response = await fetch(file ?? "");
      if (!response.ok) throw new Error(`The schemas of ${protocol} could not be read: ${response.status}`);
      const schemas = (await response.json()) as ActionSchema[];
      return new Map(
        schemas.flatMap((schema) => {
          const action = /^urn:(\w+)\.req$/.exec(schema.$id)?.[1];
          return action === undefined ? [] : [[action, schema] as const];
        }),
      );
    },
  });
}

/** The actions that a CSMS sends in a version: the document lists them in the description of `action`. */
export function csmsActions({ operations, resolve }: ApiDocument, protocol: string): readonly string[] {
  const body = resolve(operations.get("sendRawRequest")?.body ?? {});
  const lines = (body.properties?.action?.description ?? "").split("\n");
  const line = lines.find((one) => one.startsWith(`${protocol}: `)) ?? "";
  return line
    .slice(protocol.length + 2)
    .replace(/\.$/, "")
    .split(", ")
    .filter((action) => action !== "")
    .sort();
}

/** Follows references inside the schema of one action. */
export const resolverOf =
  ({ definitions = {} }: ActionSchema) =>
  (schema: Schema): Schema => {
    const name = schema.$ref?.replace("#/definitions/", "");
    return name === undefined ? schema : { ...definitions[name], ...omitRef(schema) };
  };

function omitRef({ $ref: _, ...beside }: Schema): Schema {
  return beside;
}
