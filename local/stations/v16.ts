/** A charging station of OCPP 1.6 with the security extension. */

import { createRPCError } from "ocpp-rpc";
import { type Behaviour, type Device, isCallError, type Payload } from "./behaviour.ts";
import { Files } from "./files.ts";
import { LocalList } from "./local-list.ts";
import { Profiles } from "./profiles.ts";
import { Charging } from "./v16/charging.ts";
import { Configuration } from "./v16/configuration.ts";
import { createProfiles } from "./v16/profiles.ts";
import type { Requests } from "./v16/requests.ts";
import { createTriggers } from "./v16/triggers.ts";

/** How long to wait before the next BootNotification if the CSMS sent no interval. */
const BOOT_RETRY_SECONDS = 60;
const VENDOR = "ocpp-relay";

export function createV16(device: Device): Behaviour {
  const configuration = new Configuration({
    NumberOfConnectors: String(device.connectors),
    ...device.configuration,
  });
  const profiles: Profiles = new Profiles(() => charging.settle());
  const list = new LocalList();
  const isListed = (idTag: string) =>
    configuration.isOn("LocalAuthListEnabled") &&
    configuration.isOn("LocalPreAuthorize") &&
    list.accepts(idTag, device.now());
  const charging: Charging = new Charging(device, configuration, { profiles, isListed });
  const files = new Files(device, () => charging.isCharging);
  const triggers = createTriggers(device, charging, bootNotification);
  let cancelHeartbeat = () => {};

  function bootNotification(): Promise<Payload> {
    return device.call("BootNotification", {
      chargePointVendor: VENDOR,
      chargePointModel: "Simulator 16",
      chargePointSerialNumber: device.identity.slice(0, 25),
      firmwareVersion: files.firmwareVersion,
    });
  }

  async function register(): Promise<void> {
    configuration.reboot();
    for (;;) {
      const waitMs = await tryToRegister();
      if (waitMs === 0) break;
      await new Promise<void>((resolve) => device.after(waitMs, resolve));
    }
    heartbeat();
  }

  /** 0 once accepted, else how long to wait (OCPP 1.6 §4.2). */
  async function tryToRegister(): Promise<number> {
    try {
      const { status, interval } = (await bootNotification()) as { status: string; interval: number };
      if (status !== "Accepted") return (interval || BOOT_RETRY_SECONDS) * 1000;
      if (interval > 0) configuration.set("HeartbeatInterval", String(interval));
      return 0;
    } catch (error) {
      return isCallError(error) ? BOOT_RETRY_SECONDS * 1000 : device.stepMs;
    }
  }

  function heartbeat(): void {
    cancelHeartbeat();
    const seconds = configuration.integer("HeartbeatInterval");
    if (seconds === 0) return;
    cancelHeartbeat = device.after(seconds * 1000, async () => {
      heartbeat();
      await device.call("Heartbeat", {});
    });
  }

  function changeConfiguration({ key, value }: Requests["ChangeConfiguration"]): Payload {
    const status = configuration.change(key, value);
    if (status === "Accepted" && key.toLowerCase() === "heartbeatinterval") heartbeat();
    // White paper "Improved security for OCPP 1.6-J", A01: with the new password from the next connection on. The
    // key is its bytes in hexadecimal digits, and the bytes are what it connects with (OCTT TC_085_CS).
    if (status === "Accepted" && key.toLowerCase() === "authorizationkey")
      device.reconnect(Buffer.from(value, "hex"));
    return { status };
  }

  function reset({ type }: Requests["Reset"]): Payload {
    device.after(0, async () => {
      if (type === "Soft") await charging.stopAll();
      device.reboot();
    });
    return { status: "Accepted" };
  }

  function dataTransfer({ vendorId, messageId, data }: Requests["DataTransfer"]): Payload {
    if (vendorId !== VENDOR) return { status: "UnknownVendorId" };
    if (messageId !== "echo") return { status: "UnknownMessageId" };
    return { status: "Accepted", ...(data === undefined ? {} : { data }) };
  }

  function sendLocalList(request: Requests["SendLocalList"]): Payload {
    const { listVersion: version, updateType, localAuthorizationList = [] } = request;
    if (!configuration.isOn("LocalAuthListEnabled")) return { status: "NotSupported" };
    if (localAuthorizationList.length > configuration.integer("SendLocalListMaxLength"))
      return { status: "Failed" };
    const entries = localAuthorizationList.map(({ idTag, idTagInfo: info }) => ({
      token: idTag,
      info: info && { status: info.status, expiresAt: info.expiryDate },
    }));
    return { status: list.update({ version, updateType, entries }) };
  }

  const status = (value: string): Payload => ({ status: value });

  const answers: { [Action in keyof Requests]: (payload: Requests[Action]) => Payload } = {
    GetConfiguration: ({ key }) => configuration.get(key),
    ChangeConfiguration: changeConfiguration,
    Reset: reset,
    UnlockConnector: ({ connectorId }) => status(charging.unlock(connectorId)),
    ClearCache: () => status(configuration.isOn("AuthorizationCacheEnabled") ? "Accepted" : "Rejected"),
    RemoteStartTransaction: (request) => status(charging.remoteStart(request)),
    RemoteStopTransaction: ({ transactionId }) => status(charging.remoteStop(transactionId)),
    ChangeAvailability: ({ connectorId, type }) =>
      status(charging.changeAvailability(connectorId, type === "Operative")),
    ReserveNow: ({ connectorId, reservationId, idTag, expiryDate }) =>
      status(charging.reserve(connectorId, reservationId, idTag, expiryDate)),
    CancelReservation: ({ reservationId }) => status(charging.cancelReservation(reservationId)),
    DataTransfer: dataTransfer,
    ...triggers,
    GetLocalListVersion: () => ({
      listVersion: configuration.isOn("LocalAuthListEnabled") ? list.version : -1,
    }),
    SendLocalList: sendLocalList,
    ...createProfiles(device, charging, profiles),
    GetDiagnostics: () => ({
      fileName: files.upload((status) => device.report("DiagnosticsStatusNotification", { status })),
    }),
    UpdateFirmware: ({ retrieveDate }) => {
      files.update({
        report: (status) => device.report("FirmwareStatusNotification", { status }),
        retrieveAt: retrieveDate,
        installing: ["Installing"],
      });
      return {};
    },
    // white paper "Improved security for OCPP 1.6-J", L01 and N01
    GetLog: ({ requestId }) => ({
      status: "Accepted",
      filename: files.upload((status) => device.report("LogStatusNotification", { status, requestId })),
    }),
    SignedUpdateFirmware: ({ requestId, firmware }) => {
      files.update({
        report: (status) => device.report("SignedFirmwareStatusNotification", { status, requestId }),
        retrieveAt: firmware.retrieveDateTime,
        installing: ["SignatureVerified", "Installing", "InstallRebooting"],
      });
      return status("Accepted");
    },
    // it stores no certificates
    CertificateSigned: () => status("Rejected"),
    InstallCertificate: () => status("Rejected"),
    DeleteCertificate: () => status("NotFound"),
    GetInstalledCertificateIds: () => status("NotFound"),
  };

  return {
    register,
    async announce() {
      await charging.announce();
      await files.announce();
    },
    answer(action, payload) {
      if (!Object.hasOwn(answers, action)) throw createRPCError("NotImplemented", `no ${action} here`, {});
      // The payload has been validated against the schema of this very action.
      return (answers[action as keyof Requests] as (payload: Payload) => Payload)(payload);
    },
    startCharging: (connectorId, idTag) => charging.startCharging(connectorId, idTag),
    stopCharging: (connectorId) => charging.stopCharging(connectorId),
  };
}
