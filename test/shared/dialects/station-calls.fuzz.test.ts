import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectOf } from "../../../shared/dialects/dialects.ts";
import type { Outcome } from "../../../shared/dialects/station-call.ts";
import { actionsOf, stationMaySend } from "../../../shared/ocpp/actions.ts";
import { violationError } from "../../../shared/ocpp/call-errors.ts";
import { PROTOCOLS } from "../../../shared/ocpp/protocols.ts";
import { payloadSchema, validatePayload } from "../../../shared/ocpp/schemas.ts";
import { type Fullness, valuesOf } from "../../support/arbitrary-from-schema.ts";
import { runs } from "../../support/property-limits.ts";

const now = Date.parse("2026-11-20T12:00:00.000Z");
const isConstraint = (keyword: string): boolean => keyword === "type" || keyword === "$ref";
const fullnesses: Fullness[] = ["minimal", "full", "any"];

const actions = PROTOCOLS.flatMap((protocol) =>
  [...actionsOf(protocol)]
    .filter((action) => stationMaySend(protocol, action))
    .map((action) => ({ protocol, action })),
);

describe.each(actions)("$action of a station that speaks $protocol", ({ protocol, action }) => {
  it.each(fullnesses)("is understood and answered validly with %s payloads", async (fullness) => {
    const requests = valuesOf(await payloadSchema(protocol, action, "request"), fullness);
    const { stationCalls } = await dialectOf(protocol);
    const authorizations = fc.record(
      {
        status: fc.constantFrom("Accepted", "Blocked", "Expired", "Invalid", "Unknown"),
        expiresAt: fc.constant("2030-01-01T00:00:00.000Z"),
        groupId: fc.string({ minLength: 1, maxLength: 36 }),
      },
      { requiredKeys: ["status"] },
    );
    const outcomes = fc.record(
      { transactionId: fc.integer({ min: 1 }), authorization: authorizations },
      { requiredKeys: ["transactionId"] },
    ) as fc.Arbitrary<Outcome>;
    await fc.assert(
      fc.asyncProperty(requests, outcomes, async (request, outcome) => {
        expect(await validatePayload(protocol, action, "request", request)).toEqual([]);
        const payload = request as object;
        stationCalls[action]?.event?.(payload, { now });
        const answer = stationCalls[action]?.answer(payload, { now, outcome, heartbeatInterval: 300 });
        expect(await validatePayload(protocol, action, "response", answer)).toEqual([]);
      }),
      runs(12),
    );
  });

  it("gets the CALLERROR of its version for a payload that is broken", async () => {
    const schema = await payloadSchema(protocol, action, "request");
    const [payload] = fc.sample(valuesOf(schema, "full"), 1) as [Record<string, unknown>];
    const codeOf = async (broken: unknown) =>
      violationError(protocol, await validatePayload(protocol, action, "request", broken)).code;
    const isV16 = protocol === "ocpp1.6";

    expect(await codeOf([])).toBe(isV16 ? "FormationViolation" : "FormatViolation");
    expect(await codeOf({ ...payload, unheardOf: 1 })).toBe(isV16 ? "FormationViolation" : "FormatViolation");
    for (const name of (schema.required ?? []) as string[]) {
      const { [name]: _, ...incomplete } = payload;
      expect(await codeOf(incomplete)).toBe(
        isV16 ? "OccurenceConstraintViolation" : "OccurrenceConstraintViolation",
      );
    }
    const properties = schema.properties as Record<string, object>;
    // DataTransfer's data may be anything in 2.x
    const typed = Object.keys(payload).filter((name) =>
      Object.keys(properties[name] ?? {}).some(isConstraint),
    );
    for (const name of typed) {
      expect(await codeOf({ ...payload, [name]: null })).toBe("TypeConstraintViolation");
    }
  });
});
