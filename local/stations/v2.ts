/** What charging stations of OCPP 2.0.1 and 2.1 have in common. */

import { createRPCError } from "ocpp-rpc";
import { type Behaviour, type Device, isCallError, type Payload } from "./behaviour.ts";
import { Files } from "./files.ts";
import { LocalList } from "./local-list.ts";
import { Profiles } from "./profiles.ts";
import { Charging } from "./v2/charging.ts";
import { DeviceModel } from "./v2/device-model.ts";
import { createDisplay } from "./v2/display.ts";
import { createProfiles } from "./v2/profiles.ts";
import type { Requests } from "./v2/requests.ts";
import { createTriggers } from "./v2/triggers.ts";

/** How long to wait before the next BootNotification if the CSMS sent no interval. */
const BOOT_RETRY_SECONDS = 60;
const VENDOR = "ocpp-relay";
const HEARTBEAT_INTERVAL = "OCPPCommCtrlr.HeartbeatInterval";

/** Answers to actions, by name; their payloads have passed the schema of the very action. */
export type Answers = Readonly<Record<string, (payload: never) => Payload>>;

export const status = (value: string) => (): Payload => ({ status: value });

/**
 * @param model the station's model name
 * @param additions what its version answers besides
 */
export function createV2(device: Device, model: string, additions: Answers = {}): Behaviour {
  const variables = new DeviceModel(device.connectors, device.configuration);
  const profiles: Profiles = new Profiles(() => charging.settle());
  const list = new LocalList();
  const isListed = (idToken: string) =>
    variables.isOn("LocalAuthListCtrlr.Enabled") &&
    variables.isOn("AuthCtrlr.LocalPreAuthorize") &&
    list.accepts(idToken, device.now());
  const charging: Charging = new Charging(device, variables, { profiles, isListed });
  const files = new Files(device, () => charging.isCharging);
  let bootReason = "PowerUp";
  let cancelHeartbeat = () => {};

  function bootNotification(): Promise<Payload> {
    return device.call("BootNotification", {
      reason: bootReason,
      chargingStation: {
        vendorName: VENDOR,
        model,
        serialNumber: device.identity.slice(0, 25),
        firmwareVersion: files.firmwareVersion,
      },
    });
  }

  async function register(): Promise<void> {
    variables.reboot();
    for (;;) {
      const waitMs = await tryToRegister();
      if (waitMs === 0) break;
      await new Promise<void>((resolve) => device.after(waitMs, resolve));
    }
    heartbeat();
  }

  /** 0 once accepted, else how long to wait (B02, B03). */
  async function tryToRegister(): Promise<number> {
    try {
      const { status, interval } = (await bootNotification()) as { status: string; interval: number };
      if (status !== "Accepted") return (interval || BOOT_RETRY_SECONDS) * 1000;
      if (interval > 0) variables.set(HEARTBEAT_INTERVAL, String(interval));
      return 0;
    } catch (error) {
      return isCallError(error) ? BOOT_RETRY_SECONDS * 1000 : device.stepMs;
    }
  }

  function heartbeat(): void {
    cancelHeartbeat();
    const seconds = variables.integer(HEARTBEAT_INTERVAL);
    if (seconds === 0) return;
    cancelHeartbeat = device.after(seconds * 1000, async () => {
      heartbeat();
      await device.call("Heartbeat", {});
    });
  }

  function changed(key: string, value: string): void {
    if (key === HEARTBEAT_INTERVAL.toLowerCase()) heartbeat();
    // A01: with the new password from the next connection on
    if (key === "securityctrlr.basicauthpassword") device.reconnect(value);
  }

  /** B07: the answer first, then the parts, one after the other. */
  function getBaseReport({ requestId, reportBase }: Requests["GetBaseReport"]): Payload {
    if (reportBase === "SummaryInventory") return { status: "NotSupported" };
    const parts = variables.report(reportBase);
    device.after(0, async () => {
      for (const [seqNo, reportData] of parts.entries()) {
        await device.report("NotifyReport", {
          requestId,
          generatedAt: device.now().toISOString(),
          tbc: seqNo < parts.length - 1,
          seqNo,
          reportData,
        });
      }
    });
    return { status: "Accepted" };
  }

  function reset({ type, evseId }: Requests["Reset"]): Payload {
    // EVSE.AllowReset is false
    if (evseId !== undefined) return { status: "Rejected" };
    const waits = type === "OnIdle" && charging.isCharging;
    const whenIdle = async () => {
      if (type === "OnIdle" && charging.isCharging) {
        device.after(device.stepMs, whenIdle);
        return;
      }
      await charging.stopAll();
      bootReason = type === "OnIdle" ? "ScheduledReset" : "RemoteReset";
      device.reboot();
    };
    device.after(0, whenIdle);
    return { status: waits ? "Scheduled" : "Accepted" };
  }

  function dataTransfer({ vendorId, messageId, data }: Requests["DataTransfer"]): Payload {
    if (vendorId !== VENDOR) return { status: "UnknownVendorId" };
    if (messageId !== "echo") return { status: "UnknownMessageId" };
    return { status: "Accepted", ...(data === undefined ? {} : { data }) };
  }

  /** L01: after InstallRebooting the station boots with the new firmware. */
  function updateFirmware({ requestId, firmware }: Requests["UpdateFirmware"]): Payload {
    files.update({
      report: (status) => device.report("FirmwareStatusNotification", { status, requestId }),
      retrieveAt: firmware.retrieveDateTime,
      installing: ["Installing", "InstallRebooting"],
      onReboot: () => {
        bootReason = "FirmwareUpdate";
      },
    });
    return { status: "Accepted" };
  }

  function sendLocalList(request: Requests["SendLocalList"]): Payload {
    const { versionNumber: version, updateType, localAuthorizationList = [] } = request;
    if (localAuthorizationList.length > variables.integer("LocalAuthListCtrlr.ItemsPerMessage"))
      return { status: "Failed" };
    const entries = localAuthorizationList.map(({ idToken, idTokenInfo: info }) => ({
      token: idToken.idToken,
      info: info && { status: info.status, expiresAt: info.cacheExpiryDateTime },
    }));
    const status = list.update({ version, updateType, entries });
    variables.set("LocalAuthListCtrlr.Entries", String(list.size));
    return { status };
  }

  const served: { [Action in keyof Requests]: (payload: Requests[Action]) => Payload } = {
    CancelReservation: ({ reservationId }) => ({ status: charging.cancelReservation(reservationId) }),
    ChangeAvailability: ({ evse, operationalStatus }) => ({
      status: charging.changeAvailability(evse?.id, operationalStatus === "Operative"),
    }),
    ClearVariableMonitoring: ({ id }) => ({
      clearMonitoringResult: id.map((each) => ({ id: each, status: "NotFound" })),
    }),
    DataTransfer: dataTransfer,
    GetBaseReport: getBaseReport,
    GetLog: ({ requestId }) => ({
      status: "Accepted",
      filename: files.upload((status) => device.report("LogStatusNotification", { status, requestId })),
    }),
    GetTransactionStatus: ({ transactionId }) => ({
      messagesInQueue: false,
      ...(transactionId !== undefined && { ongoingIndicator: charging.isOngoing(transactionId) }),
    }),
    GetVariables: ({ getVariableData }) => variables.getVariables(getVariableData),
    RequestStartTransaction: (request) => ({ status: charging.requestStart(request) }),
    RequestStopTransaction: ({ transactionId }) => ({ status: charging.requestStop(transactionId) }),
    ReserveNow: ({ evseId, id, idToken, expiryDateTime }) => ({
      status: charging.reserve(evseId, id, idToken.idToken, expiryDateTime),
    }),
    Reset: reset,
    SendLocalList: sendLocalList,
    SetVariableMonitoring: ({ setMonitoringData }) => ({
      setMonitoringResult: setMonitoringData.map(({ type, severity, component, variable }) => ({
        status: "UnsupportedMonitorType",
        type,
        severity,
        component,
        variable,
      })),
    }),
    SetVariables: ({ setVariableData }) => variables.setVariables(setVariableData, changed),
    TriggerMessage: createTriggers(device, charging, bootNotification),
    UpdateFirmware: updateFirmware,
    UnlockConnector: ({ evseId, connectorId }) => ({ status: charging.unlock(evseId, connectorId) }),
  };

  const answers: Answers = {
    ...served,
    ClearCache: () => ({ status: variables.isOn("AuthCacheCtrlr.Enabled") ? "Accepted" : "Rejected" }),
    CostUpdated: () => ({}),
    GetLocalListVersion: () => ({ versionNumber: list.version }),
    ...createDisplay(device),
    ...createProfiles(device, charging, profiles),
    // it has no certificates
    CertificateSigned: status("Rejected"),
    CustomerInformation: status("Rejected"),
    DeleteCertificate: status("NotFound"),
    GetInstalledCertificateIds: status("NotFound"),
    GetMonitoringReport: status("NotSupported"),
    GetReport: status("NotSupported"),
    InstallCertificate: status("Rejected"),
    PublishFirmware: status("Rejected"),
    SetMonitoringBase: status("NotSupported"),
    SetMonitoringLevel: status("Rejected"),
    SetNetworkProfile: status("Rejected"),
    UnpublishFirmware: status("NoFirmware"),
    ...additions,
  };

  return {
    register,
    async announce() {
      await charging.announce();
      await files.announce();
    },
    answer(action, payload) {
      if (!Object.hasOwn(answers, action)) throw createRPCError("NotImplemented", `no ${action} here`, {});
      return (answers[action] as (payload: Payload) => Payload)(payload);
    },
    startCharging: (evseId, idToken) => charging.startCharging(evseId, idToken),
    stopCharging: (evseId) => charging.stopCharging(evseId),
  };
}
