import { describe, expect, it } from "vitest";
import { POWER_W, type Profile, Profiles } from "../../../local/stations/profiles.ts";

const START = new Date("2026-11-20T12:00:00Z");
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const charge = { id: "7", startedAt: START };

const profile = (members: Partial<Profile> = {}, limit = 6, unit = "A"): Profile => ({
  ...{ id: 1, stackLevel: 0, purpose: "TxDefault", kind: "Relative" },
  schedule: { chargingRateUnit: unit, chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  ...members,
});

const withProfiles = (...placed: readonly (readonly [place: number, profile: Profile])[]) => {
  const profiles = new Profiles(() => {});
  for (const [place, one] of placed) profiles.set(place, one, one);
  return profiles;
};

const SIX_AMPERE_W = (POWER_W * 6) / 16;

describe("the power of a simulated charge", () => {
  it.each<[string, readonly (readonly [number, Profile])[], number]>([
    ["is all there is without a profile", [], POWER_W],
    ["is the default's limit", [[1, profile()]], SIX_AMPERE_W],
    ["is the limit of the default for all places", [[0, profile()]], SIX_AMPERE_W],
    ["is not limited at another place", [[2, profile()]], POWER_W],
    ["is never more than the connector has", [[1, profile({}, 50_000, "W")]], POWER_W],
    [
      "is the limit of the highest stack level",
      [
        [1, profile({ id: 1, stackLevel: 0 }, 1000, "W")],
        [1, profile({ id: 2, stackLevel: 1 }, 2000, "W")],
      ],
      2000,
    ],
    [
      "is the limit of the transaction's profile in place of the default",
      [
        [1, profile({ id: 1 }, 1000, "W")],
        [1, profile({ id: 2, purpose: "Tx", transactionId: "7" }, 2000, "W")],
      ],
      2000,
    ],
    [
      "ignores the profile of another transaction",
      [[1, profile({ purpose: "Tx", transactionId: "8" })]],
      POWER_W,
    ],
    [
      "is not above the station's maximum",
      [
        [0, profile({ id: 1, purpose: "StationMax" }, 1500, "W")],
        [1, profile({ id: 2, purpose: "Tx" }, 2000, "W")],
      ],
      1500,
    ],
    [
      "is not limited before a profile is valid",
      [[1, profile({ validFrom: "2026-11-21T00:00:00Z" })]],
      POWER_W,
    ],
    ["is not limited after a profile's end", [[1, profile({ validTo: "2026-11-20T12:00:00Z" })]], POWER_W],
  ])("%s", (_, placed, watts) => {
    expect(withProfiles(...placed).powerAt(1, at(10), charge)).toBe(watts);
  });

  it("follows the periods, and ends with the schedule's duration", () => {
    const schedule = {
      ...{ chargingRateUnit: "W", duration: 120 },
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 1000 },
        { startPeriod: 60, limit: 2000 },
      ],
    };
    const profiles = withProfiles([1, profile({ schedule })]);

    const watts = [0, 59, 60, 119, 120].map((seconds) => profiles.powerAt(1, at(seconds), charge));

    expect(watts).toEqual([1000, 1000, 2000, 2000, POWER_W]);
    expect(profiles.energyWh(1, START, at(180), charge)).toBeCloseTo((1000 + 2000 + POWER_W) / 60);
    expect(profiles.composite(1, START, 180, "W").chargingSchedulePeriod).toEqual([
      { startPeriod: 0, limit: 1000 },
      { startPeriod: 60, limit: 2000 },
      { startPeriod: 120, limit: POWER_W },
    ]);
  });

  it("recurs every day", () => {
    const schedule = {
      ...{ chargingRateUnit: "W", duration: 3600, startSchedule: "2026-11-01T12:00:00Z" },
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 1000 }],
    };
    const profiles = withProfiles([1, profile({ kind: "Recurring", recurrency: "Daily", schedule })]);

    expect(profiles.powerAt(1, at(1800), charge)).toBe(1000);
    expect(profiles.powerAt(1, at(5400), charge)).toBe(POWER_W);
  });
});

describe("the profiles of a simulated station", () => {
  it("are replaced by number, and by place, purpose and stack level", () => {
    const profiles = withProfiles(
      [1, profile({ id: 1, stackLevel: 1 })],
      [2, profile({ id: 1, stackLevel: 1 })],
      [2, profile({ id: 2, stackLevel: 1 })],
    );

    expect(profiles.matching(() => true).map(({ place, profile: { id } }) => [place, id])).toEqual([[2, 2]]);
  });

  it("of a transaction end with it", () => {
    const profiles = withProfiles([1, profile({ purpose: "Tx" })], [2, profile({ id: 2, purpose: "Tx" })]);

    profiles.endTransaction(1);

    expect(profiles.matching(() => true).map(({ place }) => place)).toEqual([2]);
  });

  it("settle the meters before limits change", () => {
    let settled = 0;
    const profiles = new Profiles(() => {
      settled += 1;
    });

    profiles.set(1, profile(), profile());
    expect(profiles.clear(() => false)).toBe(false);
    expect(profiles.clear(() => true)).toBe(true);

    expect(settled).toBe(2);
  });
});
