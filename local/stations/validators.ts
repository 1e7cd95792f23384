import rpc from "ocpp-rpc";
import schemas from "ocpp-rpc/lib/schemas/ocpp2_1.json" with { type: "json" };

/**
 * ocpp-rpc looks for `urn:Reset.req` and `urn:Reset.conf`, but its schemas of 2.1 are called
 * `urn:ResetRequest` and `urn:ResetResponse`, so that its own validator of that version finds none.
 */
const named = ({ $id }: { $id: string }): string =>
  $id.replace(/Request$/, ".req").replace(/Response$/, ".conf");

/** These schemas give their enumerations an `additionalProperties`, which Ajv would warn of on the console. */
const tidy = (_: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || !("enum" in value)) return value;
  const { additionalProperties: _unused, ...rest } = value as Record<string, unknown>;
  return rest;
};

let made: ReturnType<typeof rpc.createValidator>[] | undefined;

/** For the versions that ocpp-rpc does not validate by itself; made once, as there are 180 schemas. */
export function validators() {
  made ??= [
    rpc.createValidator(
      "ocpp2.1",
      (JSON.parse(JSON.stringify(schemas), tidy) as { $id: string }[]).map((schema) => ({
        ...schema,
        $id: named(schema),
      })),
    ),
  ];
  return made;
}
