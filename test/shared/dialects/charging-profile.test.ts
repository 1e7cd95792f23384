import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChargingProfile, ChargingProfileSchema } from "../../../shared/dialects/charging-profile.ts";
import { chargingProfileOf as v2ProfileOf } from "../../../shared/dialects/v2/charging-profile.ts";
import { chargingProfileOf as v16ProfileOf } from "../../../shared/dialects/v16/charging-profile.ts";
import { validatePayload } from "../../../shared/ocpp/schemas.ts";
import { validate } from "../../../shared/schema/validate.ts";
import "../../support/property-limits.ts";

const profile: ChargingProfile = {
  profileId: 7,
  stackLevel: 2,
  purpose: "Tx",
  kind: "Recurring",
  recurrency: "Daily",
  validFrom: "2026-11-27T10:00:00+0100",
  validTo: "2026-11-28T10:00:00Z",
  transactionId: "17",
  schedule: {
    unit: "A",
    startAt: "2026-11-27T00:00:00+01:00",
    durationSeconds: 3600,
    minChargingRate: 6,
    periods: [
      { startSeconds: 0, limit: 16.19, numberPhases: 3 },
      { startSeconds: 1800, limit: 0.3 },
    ],
  },
};

describe("a charging profile", () => {
  it("has OCPP 1.6's names, integer transaction id and one decimal, cut off, at a 1.6 station", () => {
    expect(v16ProfileOf(profile)).toEqual({
      chargingProfileId: 7,
      transactionId: 17,
      stackLevel: 2,
      chargingProfilePurpose: "TxProfile",
      chargingProfileKind: "Recurring",
      recurrencyKind: "Daily",
      validFrom: "2026-11-27T09:00:00.000Z",
      validTo: "2026-11-28T10:00:00.000Z",
      chargingSchedule: {
        duration: 3600,
        startSchedule: "2026-11-26T23:00:00.000Z",
        chargingRateUnit: "A",
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 16.1, numberPhases: 3 },
          { startPeriod: 1800, limit: 0.3 },
        ],
        minChargingRate: 6,
      },
    });
  });

  it("has one numbered schedule and its limits as they are at a 2.x station", () => {
    expect(v2ProfileOf(profile)).toEqual({
      id: 7,
      stackLevel: 2,
      chargingProfilePurpose: "TxProfile",
      chargingProfileKind: "Recurring",
      recurrencyKind: "Daily",
      validFrom: "2026-11-27T09:00:00.000Z",
      validTo: "2026-11-28T10:00:00.000Z",
      transactionId: "17",
      chargingSchedule: [
        {
          id: 1,
          startSchedule: "2026-11-26T23:00:00.000Z",
          duration: 3600,
          chargingRateUnit: "A",
          minChargingRate: 6,
          chargingSchedulePeriod: [
            { startPeriod: 0, limit: 16.19, numberPhases: 3 },
            { startPeriod: 1800, limit: 0.3 },
          ],
        },
      ],
    });
  });

  it.each([
    ["StationMax", "ChargePointMaxProfile", "ChargingStationMaxProfile"],
    ["TxDefault", "TxDefaultProfile", "TxDefaultProfile"],
  ] as const)("for %s is a %s in 1.6 and a %s in 2.x", (purpose, v16, v2) => {
    expect(v16ProfileOf({ ...profile, purpose })).toMatchObject({ chargingProfilePurpose: v16 });
    expect(v2ProfileOf({ ...profile, purpose })).toMatchObject({ chargingProfilePurpose: v2 });
  });
});

const seconds = fc.nat({ max: 2_147_483_647 });
const time = fc
  .date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const limit = fc.double({ min: 0, max: 1e6, noNaN: true });

const profiles = fc.record(
  {
    profileId: fc.integer({ min: 1, max: 2_147_483_647 }),
    stackLevel: seconds,
    purpose: fc.constantFrom("StationMax", "TxDefault", "Tx"),
    kind: fc.constantFrom("Absolute", "Recurring", "Relative"),
    recurrency: fc.constantFrom("Daily", "Weekly"),
    validFrom: time,
    validTo: time,
    transactionId: fc.nat().map(String),
    schedule: fc.record(
      {
        unit: fc.constantFrom("A", "W"),
        startAt: time,
        durationSeconds: seconds,
        minChargingRate: limit,
        periods: fc.array(
          fc.record(
            { startSeconds: seconds, limit, numberPhases: fc.integer({ min: 1, max: 3 }) },
            { requiredKeys: ["startSeconds", "limit"] },
          ),
          { minLength: 1, maxLength: 5 },
        ),
      },
      { requiredKeys: ["unit", "periods"] },
    ),
  },
  { requiredKeys: ["profileId", "stackLevel", "purpose", "kind", "schedule"] },
) as fc.Arbitrary<ChargingProfile>;

const idToken = { idToken: "TAG", type: "Central" };

const payloads = {
  "ocpp1.6": (profile: ChargingProfile) => ({
    action: "RemoteStartTransaction",
    payload: { idTag: "TAG", chargingProfile: v16ProfileOf(profile) },
  }),
  "ocpp2.0.1": (profile: ChargingProfile) => ({
    action: "RequestStartTransaction",
    payload: { remoteStartId: 1, idToken, chargingProfile: v2ProfileOf(profile) },
  }),
  "ocpp2.1": (profile: ChargingProfile) => ({
    action: "RequestStartTransaction",
    payload: { remoteStartId: 1, idToken, chargingProfile: v2ProfileOf(profile) },
  }),
} as const;

describe.each(Object.keys(payloads) as (keyof typeof payloads)[])(
  "any charging profile, in %s",
  (protocol) => {
    it("keeps to the version's schema, and in 1.6 never raises a limit", async () => {
      await fc.assert(
        fc.asyncProperty(profiles, async (profile) => {
          expect(validate(ChargingProfileSchema, profile)).toEqual([]);
          const { action, payload } = payloads[protocol](profile);
          expect(await validatePayload(protocol, action, "request", payload)).toEqual([]);
          const sent = JSON.stringify(payload).matchAll(/"limit":([^,}]+)/g);
          const limits = [...sent].map(([, limit]) => Number(limit));
          for (const [n, { limit }] of profile.schedule.periods.entries()) {
            expect(limits[n]).toBeLessThanOrEqual(limit);
            expect(limit - (limits[n] ?? 0)).toBeLessThan(0.1001);
          }
        }),
      );
    });
  },
);
