import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Payload } from "../../../local/stations/station.ts";
import { CentralSystem } from "../../support/central-system.ts";

const PASSWORD = "a-password-of-32-characters-here";

const system = new CentralSystem();

beforeAll(() => system.start());
afterEach(() => system.closeStations());
afterAll(() => system.close());

describe("a simulated 1.6 station", () => {
  it("boots: BootNotification, then the status of the station and each connector", async () => {
    const { central } = await system.connect({ faultyConnectors: [2] });

    expect(
      central.messages.map(({ action, payload }) => [action, payload.connectorId, payload.status]),
    ).toEqual([
      ["BootNotification", undefined, undefined],
      ["StatusNotification", 0, "Available"],
      ["StatusNotification", 1, "Available"],
      ["StatusNotification", 2, "Faulted"],
    ]);
  });

  it("says nothing but BootNotification until the central system accepts it", async () => {
    system.bootAnswers.set("PENDING", [
      { status: "Pending", interval: 1 },
      { status: "Rejected", interval: 1 },
    ]);

    const { central } = await system.connect({ identity: "PENDING" });

    expect(central.messages.slice(0, 4).map(({ action }) => action)).toEqual([
      "BootNotification",
      "BootNotification",
      "BootNotification",
      "StatusNotification",
    ]);
  });

  it("sends heartbeats at the interval the BootNotification was answered with", async () => {
    system.bootAnswers.set("BEATING", [{ interval: 1 }]);
    const { central } = await system.connect({ identity: "BEATING" });

    await central.find("Heartbeat", {}, 1);

    expect(await central.call("GetConfiguration", { key: ["HeartbeatInterval"] })).toMatchObject({
      configurationKey: [{ value: "1" }],
    });
  });

  describe("configuration", () => {
    it("TC_019: reports all keys, the write-only one without its value", async () => {
      const { central } = await system.connect();

      const { configurationKey, unknownKey } = await central.call("GetConfiguration", {});

      expect(configurationKey).toHaveLength(47);
      expect(unknownKey).toEqual([]);
      expect(configurationKey).toContainEqual({ key: "NumberOfConnectors", readonly: true, value: "2" });
      expect(configurationKey).toContainEqual({ key: "AuthorizationKey", readonly: false });
    });

    it("TC_019: reports the keys asked for, whatever their case, and those it does not know", async () => {
      const { central } = await system.connect({ configuration: { CpoName: "Ohm Sweet Ohm" } });

      expect(await central.call("GetConfiguration", { key: ["cponame", "Nonsense"] })).toEqual({
        configurationKey: [{ key: "CpoName", readonly: false, value: "Ohm Sweet Ohm" }],
        unknownKey: ["Nonsense"],
      });
    });

    it.each([
      ["MeterValueSampleInterval", "30", "Accepted"],
      ["MeterValueSampleInterval", "often", "Rejected"],
      ["LocalPreAuthorize", "yes", "Rejected"],
      ["NumberOfConnectors", "3", "Rejected"],
      ["SecurityProfile", "2", "RebootRequired"],
      ["AuthorizationKey", "short", "Rejected"],
      ["Nonsense", "1", "NotSupported"],
    ])("TC_021: changes %s to %s: %s", async (key, value, status) => {
      const { central } = await system.connect();
      expect(await central.call("ChangeConfiguration", { key, value })).toEqual({ status });
    });

    it("takes over at a reboot what needed one", async () => {
      const { central } = await system.connect();
      const value = async () => {
        const { configurationKey } = await central.call("GetConfiguration", { key: ["SecurityProfile"] });
        return (configurationKey as Payload[])[0]?.value;
      };

      await central.call("ChangeConfiguration", { key: "SecurityProfile", value: "2" });
      expect(await value()).toBe("1");
      await central.call("Reset", { type: "Hard" });
      await central.find("BootNotification", {}, 2);

      expect(await value()).toBe("2");
    });

    it("connects with its new password after AuthorizationKey was changed", async () => {
      system.passwords.set("SECURE", PASSWORD);
      const { central, station } = await system.connect({ identity: "SECURE", password: PASSWORD });
      const newPassword = "twenty-characters-ab";
      system.passwords.set("SECURE", newPassword);

      await central.call("ChangeConfiguration", {
        key: "AuthorizationKey",
        value: Buffer.from(newPassword).toString("hex"),
      });
      await system.nextConnection();

      expect(await station.call("Heartbeat", {})).toHaveProperty("currentTime");
      expect(central.all("BootNotification")).toHaveLength(1);
    });
  });

  describe("remote commands", () => {
    it.each([["Hard"], ["Soft"]])("TC_013/014: answers a %s reset, then reboots", async (type) => {
      const { central } = await system.connect();

      expect(await central.call("Reset", { type })).toEqual({ status: "Accepted" });

      await central.find("BootNotification", {}, 2);
      await central.find("StatusNotification", { connectorId: 2 }, 2);
    });

    it.each([
      [1, "Unlocked"],
      [2, "UnlockFailed"],
      [3, "NotSupported"],
    ])("TC_017/018/031: unlocks connector %i: %s", async (connectorId, status) => {
      const { central } = await system.connect({ faultyConnectors: [2] });
      expect(await central.call("UnlockConnector", { connectorId })).toEqual({ status });
    });

    it("TC_061: clears its cache where it has one", async () => {
      const { central } = await system.connect({ configuration: { AuthorizationCacheEnabled: "false" } });
      expect(await central.call("ClearCache", {})).toEqual({ status: "Rejected" });
    });

    it.each([
      ["StatusNotification", 1],
      ["MeterValues", 2],
      ["Heartbeat", undefined],
      ["FirmwareStatusNotification", undefined],
      ["DiagnosticsStatusNotification", undefined],
    ])("sends %s when triggered", async (requestedMessage, connectorId) => {
      const { central } = await system.connect();
      const before = central.all(requestedMessage).length;

      const answer = await central.call("TriggerMessage", {
        requestedMessage,
        ...(connectorId === undefined ? {} : { connectorId }),
      });

      expect(answer).toEqual({ status: "Accepted" });
      await central.find(requestedMessage, {}, before + 1);
    });

    it("answers every action of 1.6 within its schema", async () => {
      const { central } = await system.connect();
      const later = new Date(Date.now() + 60_000).toISOString();
      const csChargingProfiles = {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: "TxDefaultProfile",
        chargingProfileKind: "Relative",
        chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
      };
      const hash = { hashAlgorithm: "SHA256", issuerNameHash: "a", issuerKeyHash: "b", serialNumber: "1" };
      const firmware = {
        location: "ftp://x/f",
        retrieveDateTime: later,
        signingCertificate: "c",
        signature: "s",
      };
      const log = { remoteLocation: "ftp://x/log" };

      const calls: [action: string, payload: Payload, answer: Payload][] = [
        [
          "ReserveNow",
          { connectorId: 1, expiryDate: later, idTag: "A", reservationId: 1 },
          { status: "Accepted" },
        ],
        [
          "ReserveNow",
          { connectorId: 1, expiryDate: later, idTag: "B", reservationId: 2 },
          { status: "Occupied" },
        ],
        ["RemoteStartTransaction", { connectorId: 1, idTag: "B" }, { status: "Rejected" }],
        ["CancelReservation", { reservationId: 1 }, { status: "Accepted" }],
        ["CancelReservation", { reservationId: 1 }, { status: "Rejected" }],
        ["ChangeAvailability", { connectorId: 0, type: "Inoperative" }, { status: "Accepted" }],
        ["ChangeAvailability", { connectorId: 9, type: "Operative" }, { status: "Rejected" }],
        ["GetLocalListVersion", {}, { listVersion: 0 }],
        ["SendLocalList", { listVersion: 4, updateType: "Full" }, { status: "Accepted" }],
        ["SendLocalList", { listVersion: 4, updateType: "Differential" }, { status: "VersionMismatch" }],
        ["SetChargingProfile", { connectorId: 1, csChargingProfiles }, { status: "Accepted" }],
        ["ClearChargingProfile", { id: 1 }, { status: "Accepted" }],
        ["ClearChargingProfile", {}, { status: "Unknown" }],
        [
          "GetCompositeSchedule",
          { connectorId: 1, duration: 60 },
          expect.objectContaining({ status: "Accepted", connectorId: 1 }),
        ],
        [
          "DataTransfer",
          { vendorId: "ocpp-relay", messageId: "echo", data: "x" },
          { status: "Accepted", data: "x" },
        ],
        ["DataTransfer", { vendorId: "someone" }, { status: "UnknownVendorId" }],
        [
          "GetDiagnostics",
          { location: "ftp://x/diagnostics" },
          { fileName: expect.stringMatching(/-1\.log$/) },
        ],
        ["UpdateFirmware", { location: "ftp://x/firmware", retrieveDate: later }, {}],
        [
          "ExtendedTriggerMessage",
          { requestedMessage: "SignChargePointCertificate" },
          { status: "NotImplemented" },
        ],
        [
          "GetLog",
          { log, logType: "SecurityLog", requestId: 1 },
          { status: "Accepted", filename: expect.stringMatching(/-2\.log$/) },
        ],
        ["SignedUpdateFirmware", { requestId: 1, firmware }, { status: "Accepted" }],
        ["CertificateSigned", { certificateChain: "x" }, { status: "Rejected" }],
        [
          "InstallCertificate",
          { certificateType: "CentralSystemRootCertificate", certificate: "x" },
          { status: "Rejected" },
        ],
        ["DeleteCertificate", { certificateHashData: hash }, { status: "NotFound" }],
        [
          "GetInstalledCertificateIds",
          { certificateType: "ManufacturerRootCertificate" },
          { status: "NotFound" },
        ],
      ];

      for (const [action, payload, answer] of calls) {
        expect([action, await central.call(action, payload)]).toEqual([action, answer]);
      }
    });
  });

  describe("charging", () => {
    it("TC_010–012: starts when told, meters, and stops when told", async () => {
      const { central } = await system.connect({ configuration: { MeterValueSampleInterval: "1" } });

      expect(await central.call("RemoteStartTransaction", { idTag: "DRIVER" })).toEqual({
        status: "Accepted",
      });
      await central.find("StatusNotification", { connectorId: 1, status: "Charging" });
      const { transactionId } = await central.find("MeterValues");
      expect(await central.call("RemoteStopTransaction", { transactionId })).toEqual({ status: "Accepted" });
      await central.find("StatusNotification", { connectorId: 1, status: "Available" }, 2);

      expect(central.all("StartTransaction")).toEqual([
        { connectorId: 1, idTag: "DRIVER", meterStart: 0, timestamp: expect.any(String) },
      ]);
      expect(central.all("StopTransaction")).toEqual([
        {
          transactionId,
          idTag: "DRIVER",
          meterStop: expect.any(Number),
          timestamp: expect.any(String),
          reason: "Remote",
        },
      ]);
      const statuses = central.all("StatusNotification").filter(({ connectorId }) => connectorId === 1);
      expect(statuses.map(({ status }) => status)).toEqual([
        "Available",
        "Preparing",
        "Charging",
        "Finishing",
        "Available",
      ]);
    });

    it("TC_026/028: refuses to start on a connector in use or unknown, and to stop what does not run", async () => {
      const { central } = await system.connect({ faultyConnectors: [2] });
      await central.call("RemoteStartTransaction", { connectorId: 1, idTag: "DRIVER" });

      for (const connectorId of [1, 2, 3]) {
        const refused = await central.call("RemoteStartTransaction", { connectorId, idTag: "OTHER" });
        expect(refused).toEqual({ status: "Rejected" });
      }
      expect(await central.call("RemoteStopTransaction", { transactionId: 4711 })).toEqual({
        status: "Rejected",
      });
    });

    it("lets a driver start and stop, and ends the charge of one who is not accepted", async () => {
      const { station, central } = await system.connect();

      await station.driver.startCharging(1, "DRIVER");
      await station.driver.stopCharging(1);
      await station.driver.startCharging(2, "BLOCKED");

      expect(central.all("Authorize")).toEqual([{ idTag: "DRIVER" }, { idTag: "BLOCKED" }]);
      expect(central.all("StartTransaction")).toHaveLength(1);
      expect(await central.find("StopTransaction")).toMatchObject({ reason: "Local" });
    });

    it("ends a transaction at a hard reset after the reboot, at a soft reset before it", async () => {
      const { station, central } = await system.connect();
      await station.driver.startCharging(1, "DRIVER");
      await central.call("Reset", { type: "Hard" });
      await central.find("StatusNotification", { connectorId: 2 }, 2);

      await station.driver.startCharging(1, "DRIVER");
      await central.call("Reset", { type: "Soft" });
      await central.find("StatusNotification", { connectorId: 2 }, 3);

      const events = central.messages
        .filter(({ action }) => action === "BootNotification" || action === "StopTransaction")
        .map(({ action, payload }) => payload.reason ?? action);
      expect(events).toEqual([
        "BootNotification",
        "BootNotification",
        "HardReset",
        "SoftReset",
        "BootNotification",
      ]);
    });

    it("keeps what it has to report while it is offline", async () => {
      const { station, central } = await system.connect();
      await station.driver.startCharging(1, "DRIVER");

      await station.disconnect({ abrupt: true });
      const stopped = station.driver.stopCharging(1);
      expect(central.all("StopTransaction")).toEqual([]);
      await station.reconnect();
      await stopped;

      expect(central.all("StopTransaction")).toHaveLength(1);
      expect(central.all("BootNotification")).toHaveLength(1);
    });
  });
});
