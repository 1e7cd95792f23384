import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionsOf, csmsMaySend } from "../../../shared/ocpp/actions.ts";
import { maskResult } from "../../../shared/ocpp/mask-answer.ts";
import { PROTOCOLS } from "../../../shared/ocpp/protocols.ts";
import { payloadSchema, validatePayload } from "../../../shared/ocpp/schemas.ts";
import { valuesOf } from "../../support/arbitrary-from-schema.ts";
import { runs } from "../../support/property-limits.ts";

const actions = PROTOCOLS.flatMap((protocol) =>
  [...actionsOf(protocol)]
    .filter((action) => csmsMaySend(protocol, action))
    .map((action) => ({ protocol, action })),
);

const SECRET = "Geheim-0815";

/** The value with the secret in its texts, numbers and names, wherever `next` returns true. */
function withSecret(value: unknown, next: () => boolean): unknown {
  if (typeof value === "string") return next() ? `${value}${SECRET}` : value;
  if (typeof value === "number") return next() ? SECRET : value;
  if (Array.isArray(value)) return [...value.map((item) => withSecret(item, next)), SECRET];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => [
      [name, /^filename$/i.test(name) ? child : withSecret(child, next)],
      ...(next() ? [[`${name} ${SECRET}`, child]] : []),
    ]),
  );
}

describe.each(actions)("an answer to $action of $protocol that may hold a secret", ({ protocol, action }) => {
  const call = { protocol, action, request: { customData: { vendorId: "V", apiKey: "***" } } } as const;

  it("stays valid when it was, and has the same statuses", async () => {
    const answers = valuesOf(await payloadSchema(protocol, action, "response"));
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const masked = (await maskResult(call, answer)) as { status?: unknown };
        expect(await validatePayload(protocol, action, "response", masked)).toEqual([]);
        expect(masked.status).toEqual((answer as { status?: unknown }).status);
      }),
      runs(10),
    );
  });

  it("has it no more, wherever it was", async () => {
    const answers = valuesOf(await payloadSchema(protocol, action, "response"), "full");
    await fc.assert(
      fc.asyncProperty(answers, fc.infiniteStream(fc.boolean()), async (answer, choices) => {
        const talkative = withSecret(answer, () => choices.next().value as boolean);
        expect(JSON.stringify(await maskResult(call, talkative))).not.toContain(SECRET);
      }),
      runs(10),
    );
  });
});
