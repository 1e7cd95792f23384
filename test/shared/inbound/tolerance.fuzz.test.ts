/** Deviations of every CALL and every answer, in every version: what is tolerated, and what is refused. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Speaker } from "../../../shared/handshake/authenticate.ts";
import { refusedRepetition, understand } from "../../../shared/inbound/understand-call.ts";
import { actionsOf, csmsMaySend, stationMaySend } from "../../../shared/ocpp/actions.ts";
import { violationError } from "../../../shared/ocpp/call-errors.ts";
import type { CallFrame } from "../../../shared/ocpp/frame.ts";
import { PROTOCOLS, type Protocol } from "../../../shared/ocpp/protocols.ts";
import { readAnswer } from "../../../shared/ocpp/read-answer.ts";
import { payloadSchema, validatePayload } from "../../../shared/ocpp/schemas.ts";
import { valuesOf } from "../../support/arbitrary-from-schema.ts";
import { type Kept, requiredMembers, tolerableChanges, withMember } from "../../support/deviations.ts";
import { runs } from "../../support/property-limits.ts";

const now = Date.parse("2026-11-27T10:00:00.000Z");

const member = (path: string, kind: Kept["kind"]): Kept => ({ path: path.split("."), kind });

/** What the effect of a CALL needs. All other actions need nothing. */
const needs: Readonly<Record<"v16" | "v2", Readonly<Record<string, readonly Kept[]>>>> = {
  v16: {
    Authorize: [member("idTag", "text")],
    StatusNotification: [member("connectorId", "integer"), member("status", "text")],
    StartTransaction: [member("connectorId", "integer"), member("idTag", "text")],
    StopTransaction: [member("transactionId", "number")],
  },
  v2: {
    Authorize: [member("idToken.idToken", "text")],
    StatusNotification: [
      member("evseId", "integer"),
      member("connectorId", "integer"),
      member("connectorStatus", "text"),
    ],
    TransactionEvent: [member("eventType", "word"), member("transactionInfo.transactionId", "text")],
  },
};

/** One of them is enough. */
const names = {
  v16: [member("chargePointVendor", "text"), member("chargePointModel", "text")],
  v2: [member("chargingStation.vendorName", "text"), member("chargingStation.model", "text")],
} as const;

/** Their answers repeat members of the CALL. */
const REPEATING: ReadonlySet<string> = new Set(["GetCertificateChainStatus", "VatNumberValidation"]);

const generationOf = (protocol: Protocol) => (protocol === "ocpp1.6" ? "v16" : "v2");

const codes = {
  v16: { formation: "FormationViolation", occurrence: "OccurenceConstraintViolation" },
  v2: { formation: "FormatViolation", occurrence: "OccurrenceConstraintViolation" },
} as const;

const all = PROTOCOLS.flatMap((protocol) => [...actionsOf(protocol)].map((action) => ({ protocol, action })));
const stationCalls = all.filter(({ protocol, action }) => stationMaySend(protocol, action));
const ourCalls = all.filter(({ protocol, action }) => csmsMaySend(protocol, action));

const ask = (protocol: Protocol, action: string, payload: unknown, stationMessages?: "strict") => {
  const speaker = {
    cpId: "cp",
    networkId: "n",
    identity: "CP",
    protocol,
    ...(stationMessages && { stationMessages }),
  };
  const call: CallFrame = { type: "CALL", messageId: "1", rawId: "1" as CallFrame["rawId"], action, payload };
  return { speaker: speaker as Speaker, call, understood: understand(speaker as Speaker, call) };
};

/** @returns the code of the CALLERROR; undefined if the CALL is answered, and validly */
async function serve(protocol: Protocol, action: string, payload: unknown): Promise<string | undefined> {
  const { speaker, call, understood: asked } = ask(protocol, action, payload);
  const understood = await asked;
  if ("error" in understood) return understood.error.code;
  understood.row.event?.(understood.payload, { now });
  const answer = understood.row.answer(understood.payload, {
    now,
    outcome: { transactionId: 1 },
    heartbeatInterval: 300,
  });
  const refused = await refusedRepetition(speaker, call, understood, answer);
  if (refused) return refused.error.code;
  expect(await validatePayload(protocol, action, "response", answer)).toEqual([]);
  return undefined;
}

describe.each(stationCalls)("$action of a station that speaks $protocol", ({ protocol, action }) => {
  const generation = generationOf(protocol);
  const needed =
    needs[generation][action] ?? (action === "BootNotification" ? names[generation].slice(0, 1) : []);

  it("is answered whatever deviates that its effect does not need; a strict network refuses it", async () => {
    const schema = await payloadSchema(protocol, action, "request");
    const changes = tolerableChanges(schema, needed);
    await fc.assert(
      fc.asyncProperty(valuesOf(schema), changes, async (valid, change) => {
        const payload = change(valid as object);
        const code = await serve(protocol, action, payload);
        if (!REPEATING.has(action)) expect(code).toBeUndefined();

        const violations = await validatePayload(protocol, action, "request", payload);
        const strict = await ask(protocol, action, payload, "strict").understood;
        expect("error" in strict ? strict.error.code : undefined).toBe(
          violations.length > 0 ? violationError(protocol, violations).code : undefined,
        );
      }),
      runs(12),
    );
  });

  const { formation, occurrence } = codes[generation];

  const destroying = needed.flatMap(({ path, kind }) => {
    const others = action === "BootNotification" ? names[generation].slice(1) : [];
    const isTransactionId = action === "StopTransaction";
    const type = "TypeConstraintViolation";
    const values: (readonly [string, unknown, string])[] = [
      ["absent", undefined, occurrence],
      ...(isTransactionId ? [] : [["null", null, occurrence] as const]),
      ["an object", {}, type],
      ["a list", [1], type],
      ["true", true, type],
      ...(kind === "integer" || kind === "number" ? ([["no number", "one", type]] as const) : []),
      ...(kind === "integer" ? ([["a fraction", 1.5, type]] as const) : []),
      ...(kind === "word" ? ([["of no list", "Unlisted", "PropertyConstraintViolation"]] as const) : []),
    ];
    const parent = path.slice(0, -1);
    const parents: (readonly [string, unknown, string])[] =
      parent.length === 0
        ? []
        : [
            ["absent", undefined, occurrence],
            ["null", null, occurrence],
            ["a text", "T", type],
          ];
    const both = (payload: object, value: unknown) =>
      others.reduce((left, other) => withMember(left, other.path, value), payload);
    return [
      ...values.map(([what, value, code]) => ({
        what: `whose ${path.join(".")} is ${what}`,
        destroy: (payload: object) => withMember(both(payload, value), path, value),
        code,
      })),
      ...parents.map(([what, value, code]) => ({
        what: `whose ${parent.join(".")} is ${what}`,
        destroy: (payload: object) => withMember(payload, parent, value),
        code,
      })),
    ];
  });

  if (destroying.length > 0) {
    it.each(destroying)("$what is refused by $code, whatever else deviates", async ({ destroy, code }) => {
      const schema = await payloadSchema(protocol, action, "request");
      await fc.assert(
        fc.asyncProperty(valuesOf(schema, "full"), async (valid) => {
          expect(await serve(protocol, action, destroy(valid as object))).toBe(code);
        }),
        runs(3),
      );
    });

    it.each([[[1]], ["text"], [7], [null]])("with the payload %j is refused", async (payload) => {
      expect(await serve(protocol, action, payload)).toBe(formation);
    });
  }
});

/** Members that their schema requires, and that an answer is usable without. */
const SPARE: Readonly<Record<string, readonly string[]>> = {
  GetConfiguration: ["readonly"],
  SetVariableMonitoring: ["severity", "type"],
  Get15118EVCertificate: ["exiResponse"],
};

const isStatus = (path: readonly string[]): boolean => /status$/i.test(path.at(-1) ?? "");

describe.each(ourCalls)(
  "the answer to $action of a station that speaks $protocol",
  ({ protocol, action }) => {
    it("is read whatever deviates beside what was asked for; a strict network takes none that deviates", async () => {
      const schema = await payloadSchema(protocol, action, "response");
      const required = requiredMembers(schema);
      await fc.assert(
        fc.asyncProperty(valuesOf(schema), tolerableChanges(schema, "required"), async (valid, change) => {
          const answer = change(valid as object);
          const { payload, violations } = await readAnswer(protocol, action, answer);

          if (action !== "GetConfiguration") expect(payload).toBeDefined();
          for (const { path, schema } of required.filter(({ schema }) => schema.enum !== undefined)) {
            if (payload && isStatus(path)) expect(schema.enum).toContain(valueAt(payload, path));
          }
          const strict = await readAnswer(protocol, action, answer, true);
          expect(strict.payload === undefined).toBe(violations.length > 0);
        }),
        runs(12),
      );
    });

    it("without what was asked for is not usable", async () => {
      const schema = await payloadSchema(protocol, action, "response");
      const decisive = requiredMembers(schema).filter(
        ({ path }) => !SPARE[action]?.includes(path.at(-1) ?? ""),
      );
      const [valid] = fc.sample(valuesOf(schema, "full"), 1) as [object];
      for (const { path, schema } of decisive) {
        const broken: unknown[] = [undefined, null, schema.type === "object" ? "text" : { no: "value" }];
        if (schema.enum && isStatus(path)) broken.push("Unlisted");
        for (const value of broken)
          expect(
            (await readAnswer(protocol, action, withMember(valid, path, value))).payload,
          ).toBeUndefined();
      }
      for (const answer of [[1], "text", 7, null])
        expect((await readAnswer(protocol, action, answer)).payload).toBeUndefined();
    });
  },
);

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((member, name) => (member as Record<string, unknown> | undefined)?.[name], value);
