import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionsOf } from "../../../shared/ocpp/actions.ts";
import { PROTOCOLS } from "../../../shared/ocpp/protocols.ts";
import { payloadSchema } from "../../../shared/ocpp/schemas.ts";
import { formats } from "../../../shared/schema/formats.ts";
import { type Schema, validate } from "../../../shared/schema/validate.ts";
import { valuesOf } from "../../support/arbitrary-from-schema.ts";
import { mutationsOf } from "../../support/mutations.ts";
import { runs } from "../../support/property-limits.ts";

/** A second opinion on where a value breaks a schema: `keyword pointer`, sorted. */
function secondOpinion(schema: Schema): (value: unknown) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, formats, multipleOfPrecision: 9 });
  // without the $id: `urn:Heartbeat.req` is not a URN, and the resolver of Ajv refuses it
  const { $id: _, ...anonymous } = schema;
  const check = ajv.compile(anonymous);
  return (value) => {
    if (check(value)) return [];
    const errors = check.errors ?? [];
    // for a value of the wrong type only the type is reported
    const mistyped = new Set(
      errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath),
    );
    return errors
      .filter(({ keyword, instancePath }) => keyword === "type" || !mistyped.has(instancePath))
      .map(({ keyword, instancePath, params }) => {
        const name: string | undefined = params.missingProperty ?? params.additionalProperty;
        const segment = name === undefined ? "" : `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        return `${keyword} ${instancePath}${segment}`;
      })
      .sort();
  };
}

describe.each(PROTOCOLS)("validate on the schemas of %s", (protocol) => {
  it("finds what Ajv finds, where Ajv finds it, in valid and in mutated payloads", async () => {
    for (const action of actionsOf(protocol)) {
      for (const kind of ["request", "response"] as const) {
        if (action === "NotifyPeriodicEventStream" && kind === "response") continue;
        const schema = await payloadSchema(protocol, action, kind);
        const expected = secondOpinion(schema);
        const payloads = fc.oneof(valuesOf(schema, "minimal"), valuesOf(schema, "full"), valuesOf(schema));
        fc.assert(
          fc.property(payloads, fc.infiniteStream(mutationsOf()), (payload, mutations) => {
            expect(validate(schema, payload)).toEqual([]);
            let mutated = payload;
            for (const mutation of mutations.take(3)) mutated = mutation(mutated);
            const found = validate(schema, mutated);
            if (found.length === 20) return;
            expect(found.map(({ keyword, pointer }) => `${keyword} ${pointer}`).sort()).toEqual(
              expected(mutated),
            );
          }),
          runs(12),
        );
      }
    }
  });
});
