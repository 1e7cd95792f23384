import { describe, expect, it } from "vitest";
import type { Payload } from "../../../local/stations/behaviour.ts";
import { stationOf } from "../../support/simulated-station.ts";

const at = "2026-11-20T12:00:00Z";
const signed = { requestId: 7, firmware: { location: "https://x/2", retrieveDateTime: at } };
const updates = [
  ["ocpp1.6", "UpdateFirmware", { location: "https://x/2", retrieveDate: at }, "FirmwareStatusNotification"],
  ["ocpp1.6", "SignedUpdateFirmware", signed, "SignedFirmwareStatusNotification"],
  ["ocpp2.0.1", "UpdateFirmware", signed, "FirmwareStatusNotification"],
  ["ocpp2.1", "UpdateFirmware", signed, "FirmwareStatusNotification"],
] as const;

describe.each(updates)("a simulated %s station that gets %s", (protocol, action, request, notification) => {
  const statuses = (reports: readonly [string, Payload][]) => reports.map(([, { status }]) => status);

  it("downloads, installs, boots with new firmware and reports that it is installed", async () => {
    const { behaviour, boot, fire, reports, firmware } = stationOf(protocol);
    await boot();

    await behaviour.answer(action, request);
    await fire();

    expect(firmware).toEqual(["1.0.0", "1.0.1"]);
    expect(new Set(reports.map(([name]) => name))).toEqual(new Set([notification]));
    expect(statuses(reports).slice(0, 2)).toEqual(["Downloading", "Downloaded"]);
    expect(statuses(reports)).toContain("Installing");
    expect(statuses(reports).at(-1)).toBe("Installed");
    if ("requestId" in request)
      expect(new Set(reports.map(([, { requestId }]) => requestId))).toEqual(new Set([7]));
  });

  it("reports a failure and keeps its firmware where a reset interrupts it", async () => {
    const { behaviour, boot, fire, reports, firmware } = stationOf(protocol);
    await boot();
    await behaviour.answer(action, request);
    await fire(2);

    await boot();

    expect(statuses(reports)).toEqual(["Downloading", "InstallationFailed"]);
    expect(firmware).toEqual(["1.0.0", "1.0.0"]);
  });

  it("does not boot while a car charges", async () => {
    const { behaviour, boot, fire, firmware } = stationOf(protocol);
    await boot();
    await behaviour.startCharging(1, "TAG");
    await behaviour.answer(action, request);
    await fire(20);
    expect(firmware).toEqual(["1.0.0"]);

    await behaviour.stopCharging(1);
    await fire();

    expect(firmware).toEqual(["1.0.0", "1.0.1"]);
  });
});

const log = { requestId: 7, logType: "SecurityLog", log: { remoteLocation: "https://x/" } };

it.each([
  ["ocpp1.6", "GetDiagnostics", { location: "https://x/" }, "fileName", "DiagnosticsStatusNotification"],
  ["ocpp1.6", "GetLog", log, "filename", "LogStatusNotification"],
  ["ocpp2.0.1", "GetLog", log, "filename", "LogStatusNotification"],
  ["ocpp2.1", "GetLog", log, "filename", "LogStatusNotification"],
] as const)(
  "a simulated %s station uploads a log by %s",
  async (protocol, action, request, member, notification) => {
    const { behaviour, boot, fire, reports } = stationOf(protocol);
    await boot();

    const answer = await behaviour.answer(action, request);
    await fire();

    expect(answer[member]).toBe("CP1-1.log");
    const number = "requestId" in request ? { requestId: 7 } : {};
    expect(reports).toEqual(["Uploading", "Uploaded"].map((status) => [notification, { status, ...number }]));
  },
);
