import { describe, expect, it } from "vitest";
import { actionsOf, csmsMaySend, hasAction, stationMaySend } from "../../../shared/ocpp/actions.ts";
import { PROTOCOLS, type Protocol } from "../../../shared/ocpp/protocols.ts";
import { payloadSchema, validatePayload } from "../../../shared/ocpp/schemas.ts";

const files: Record<Protocol, string> = {
  "ocpp1.6": "ocpp1_6",
  "ocpp2.0.1": "ocpp2_0_1",
  "ocpp2.1": "ocpp2_1",
};

async function actionsInPackage(protocol: Protocol): Promise<string[]> {
  const { default: schemas } = await import(`ocpp-rpc/lib/schemas/${files[protocol]}.json`, {
    with: { type: "json" },
  });
  const names = schemas.map(({ $id }: { $id: string }) =>
    $id.replace(/^urn:/, "").replace(/(\.req|\.conf|Request|Response)$/, ""),
  );
  return [...new Set<string>(names)].sort();
}

describe("the actions", () => {
  it.each(PROTOCOLS)("of %s are those that have schemas", async (protocol) => {
    expect([...actionsOf(protocol)].sort()).toEqual(await actionsInPackage(protocol));
  });

  it.each([
    ["ocpp1.6", 39, 14, 26],
    ["ocpp2.0.1", 64, 25, 40],
    ["ocpp2.1", 91, 36, 55],
  ] as const)("of %s: %i, of which stations send %i and we %i", (protocol, all, station, csms) => {
    const actions = [...actionsOf(protocol)];
    expect(actions).toHaveLength(all);
    expect(actions.filter((action) => stationMaySend(protocol, action))).toHaveLength(station);
    expect(actions.filter((action) => csmsMaySend(protocol, action))).toHaveLength(csms);
  });

  it("have a direction", () => {
    expect(stationMaySend("ocpp1.6", "Reset")).toBe(false);
    expect(csmsMaySend("ocpp1.6", "Heartbeat")).toBe(false);
    expect(stationMaySend("ocpp1.6", "DataTransfer") && csmsMaySend("ocpp1.6", "DataTransfer")).toBe(true);
  });

  it("are those of the version, spelt as it spells them", () => {
    expect(hasAction("ocpp1.6", "TransactionEvent")).toBe(false);
    expect(hasAction("ocpp2.0.1", "StartTransaction")).toBe(false);
    expect(hasAction("ocpp1.6", "heartbeat")).toBe(false);
    expect(hasAction("ocpp1.6", "constructor")).toBe(false);
  });
});

describe("validatePayload", () => {
  it.each([
    ["ocpp1.6", "BootNotification", { chargePointModel: "Relay-22", chargePointVendor: "Example" }],
    [
      "ocpp2.0.1",
      "BootNotification",
      { reason: "PowerUp", chargingStation: { model: "R", vendorName: "E" } },
    ],
    ["ocpp2.1", "BootNotification", { reason: "PowerUp", chargingStation: { model: "R", vendorName: "E" } }],
  ] as const)("knows %s", async (protocol, action, payload) => {
    expect(await validatePayload(protocol, action, "request", payload)).toEqual([]);
    expect(await validatePayload(protocol, action, "request", {})).not.toEqual([]);
  });

  it("returns the places where a payload violates its schema", async () => {
    const payload = { configurationKey: [{ key: "k".repeat(51), readonly: "no" }], known: true };
    const violations = await validatePayload("ocpp1.6", "GetConfiguration", "response", payload);
    expect(violations.map(({ pointer, detail }) => `${pointer} ${detail}`).sort()).toEqual([
      "/configurationKey/0/key must be at most 50 characters long",
      "/configurationKey/0/readonly must be true or false",
      "/known is not a known property",
    ]);
  });

  it("takes the timestamps that stations write, and asks for RFC 3339 where we write them", async () => {
    const timestamp = "2026-11-20T12:00:00";
    const status = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp };
    expect(await validatePayload("ocpp1.6", "StatusNotification", "request", status)).toEqual([]);

    const reservation = { connectorId: 1, expiryDate: timestamp, idTag: "A", reservationId: 1 };
    expect(await validatePayload("ocpp1.6", "ReserveNow", "request", reservation)).toEqual([
      { pointer: "/expiryDate", detail: "must be a valid date-time", keyword: "format" },
    ]);
    const heartbeat = { currentTime: timestamp };
    expect(await validatePayload("ocpp1.6", "Heartbeat", "response", heartbeat)).toHaveLength(1);
  });

  it("refuses what is no timestamp from stations too", async () => {
    const status = { connectorId: 1, errorCode: "NoError", status: "Available", timestamp: "yesterday" };
    expect(await validatePayload("ocpp1.6", "StatusNotification", "request", status)).toHaveLength(1);
  });

  it("takes tenths of an ampere, which binary fractions cannot hold", async () => {
    const profile = (limit: number) => ({
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: "TxDefaultProfile",
        chargingProfileKind: "Absolute",
        chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
      },
    });
    expect(await validatePayload("ocpp1.6", "SetChargingProfile", "request", profile(22.3))).toEqual([]);
    expect(await validatePayload("ocpp1.6", "SetChargingProfile", "request", profile(22.35))).toHaveLength(1);
  });

  it("has no schema for what is not an action", async () => {
    await expect(payloadSchema("ocpp1.6", "Nonsense", "request")).rejects.toThrow("no schema");
    await expect(payloadSchema("ocpp2.1", "NotifyPeriodicEventStream", "response")).rejects.toThrow();
    expect(await payloadSchema("ocpp2.1", "NotifyPeriodicEventStream", "request")).toBeDefined();
  });
});
