import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { RPCServer } from "ocpp-rpc";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  callError,
  connectStation,
  NO_ANSWER,
  type Payload,
  type Station,
  type StationOptions,
} from "../../local/stations/station.ts";
import { connectRaw, UpgradeRefused } from "../support/raw-station.ts";

/** The central system's end of one connection. */
interface Central {
  call(action: string, payload: Payload): Promise<Payload>;
  close(options?: object): Promise<unknown>;
}

/** What a station sent, in order, and the means to wait for it. */
class Inbox {
  readonly messages: { action: string; payload: Payload }[] = [];
  #arrived = () => {};

  add(action: string, payload: Payload): void {
    this.messages.push({ action, payload });
    this.#arrived();
  }

  /** The n-th message of this action that the payload's members fit. */
  async find(action: string, members: Payload = {}, n = 1): Promise<Payload> {
    for (;;) {
      const found = this.messages.filter(
        (message) =>
          message.action === action &&
          Object.entries(members).every(([name, value]) => message.payload[name] === value),
      )[n - 1];
      if (found) return found.payload;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

const PASSWORD = "a-password-of-32-characters-here";
const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: true });
const inboxes = new Map<string, Inbox>();
const centrals = new Map<string, Central>();
const passwords = new Map<string, string>();
const bootAnswers = new Map<string, Payload[]>();
const idTagStatus = new Map([["BLOCKED", "Blocked"]]);
let transactions = 0;
let url: string;

function answerOf(identity: string, action: string, payload: Payload): Payload {
  const idTagInfo = { status: idTagStatus.get(String(payload.idTag)) ?? "Accepted" };
  switch (action) {
    case "BootNotification": {
      const next = bootAnswers.get(identity)?.shift();
      return { status: "Accepted", interval: 300, currentTime: new Date().toISOString(), ...next };
    }
    case "Heartbeat":
      return { currentTime: new Date().toISOString() };
    case "StartTransaction":
      transactions += 1;
      return { transactionId: transactions, idTagInfo };
    case "Authorize":
      return { idTagInfo };
    default:
      return {};
  }
}

beforeAll(async () => {
  server.auth((accept, reject, { identity, password }) => {
    const expected = passwords.get(identity ?? "");
    if (expected !== undefined && String(password) !== expected) reject(401, "Unauthorized");
    else accept();
  });
  server.on("client", (client) => {
    const { identity } = client;
    centrals.set(identity, client);
    client.handle(({ method, params }: { method: string; params: Payload }) => {
      inboxes.get(identity)?.add(method, params);
      return answerOf(identity, method, params);
    });
  });
  const http = await server.listen(0, "127.0.0.1");
  url = `ws://127.0.0.1:${(http.address() as { port: number }).port}/ocpp`;
});
afterAll(() => server.close({ force: true }));

const opened: Station[] = [];
afterEach(async () => {
  for (const station of opened.splice(0)) await station.close();
});

let count = 0;

async function prepare(options: Partial<StationOptions> = {}) {
  const identity = options.identity ?? `CP${++count}`;
  const inbox = new Inbox();
  inboxes.set(identity, inbox);
  const station = await connectStation({ url, identity, stepMs: 5, ...options });
  opened.push(station);
  const central = {
    call: (action: string, payload: Payload) => (centrals.get(identity) as Central).call(action, payload),
  };
  return { station, inbox, central, identity };
}

const of = (inbox: Inbox, action: string) =>
  inbox.messages.filter((message) => message.action === action).map(({ payload }) => payload);

describe("a simulated 1.6 station", () => {
  it("boots: BootNotification, then the status of the station and each connector", async () => {
    const { inbox } = await prepare({ faultyConnectors: [2] });

    expect(
      inbox.messages.map(({ action, payload }) => [action, payload.connectorId, payload.status]),
    ).toEqual([
      ["BootNotification", undefined, undefined],
      ["StatusNotification", 0, "Available"],
      ["StatusNotification", 1, "Available"],
      ["StatusNotification", 2, "Faulted"],
    ]);
  });

  it("says nothing but BootNotification until the central system accepts it", async () => {
    bootAnswers.set("PENDING", [
      { status: "Pending", interval: 1 },
      { status: "Rejected", interval: 1 },
    ]);

    const { inbox } = await prepare({ identity: "PENDING" });

    expect(inbox.messages.slice(0, 4).map(({ action }) => action)).toEqual([
      "BootNotification",
      "BootNotification",
      "BootNotification",
      "StatusNotification",
    ]);
  });

  it("sends heartbeats at the interval the BootNotification was answered with", async () => {
    bootAnswers.set("BEATING", [{ interval: 1 }]);
    const { inbox, central } = await prepare({ identity: "BEATING" });

    await inbox.find("Heartbeat", {}, 1);

    expect(await central.call("GetConfiguration", { key: ["HeartbeatInterval"] })).toMatchObject({
      configurationKey: [{ value: "1" }],
    });
  });

  describe("configuration", () => {
    it("TC_019: reports all keys, the write-only one without its value", async () => {
      const { central } = await prepare();

      const { configurationKey, unknownKey } = await central.call("GetConfiguration", {});

      expect(configurationKey).toHaveLength(43);
      expect(unknownKey).toEqual([]);
      expect(configurationKey).toContainEqual({ key: "NumberOfConnectors", readonly: true, value: "2" });
      expect(configurationKey).toContainEqual({ key: "AuthorizationKey", readonly: false });
    });

    it("TC_019: reports the keys asked for, whatever their case, and those it does not know", async () => {
      const { central } = await prepare({ configuration: { CpoName: "Ohm Sweet Ohm" } });

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
      const { central } = await prepare();
      expect(await central.call("ChangeConfiguration", { key, value })).toEqual({ status });
    });

    it("takes over at a reboot what needed one", async () => {
      const { central, inbox } = await prepare();
      const value = async () => {
        const { configurationKey } = await central.call("GetConfiguration", { key: ["SecurityProfile"] });
        return (configurationKey as Payload[])[0]?.value;
      };

      await central.call("ChangeConfiguration", { key: "SecurityProfile", value: "2" });
      expect(await value()).toBe("1");
      await central.call("Reset", { type: "Hard" });
      await inbox.find("BootNotification", {}, 2);

      expect(await value()).toBe("2");
    });

    it("connects with its new password after AuthorizationKey was changed", async () => {
      passwords.set("SECURE", PASSWORD);
      const { central, station, inbox } = await prepare({ identity: "SECURE", password: PASSWORD });
      const newPassword = PASSWORD.toUpperCase();
      passwords.set("SECURE", newPassword);

      await central.call("ChangeConfiguration", { key: "AuthorizationKey", value: newPassword });
      await once(server, "client");

      expect(await station.call("Heartbeat", {})).toHaveProperty("currentTime");
      expect(of(inbox, "BootNotification")).toHaveLength(1);
    });
  });

  describe("remote commands", () => {
    it.each([["Hard"], ["Soft"]])("TC_013/014: answers a %s reset, then reboots", async (type) => {
      const { central, inbox } = await prepare();

      expect(await central.call("Reset", { type })).toEqual({ status: "Accepted" });

      await inbox.find("BootNotification", {}, 2);
      await inbox.find("StatusNotification", { connectorId: 2 }, 2);
    });

    it.each([
      [1, "Unlocked"],
      [2, "UnlockFailed"],
      [3, "NotSupported"],
    ])("TC_017/018/031: unlocks connector %i: %s", async (connectorId, status) => {
      const { central } = await prepare({ faultyConnectors: [2] });
      expect(await central.call("UnlockConnector", { connectorId })).toEqual({ status });
    });

    it("TC_061: clears its cache where it has one", async () => {
      const { central } = await prepare({ configuration: { AuthorizationCacheEnabled: "false" } });
      expect(await central.call("ClearCache", {})).toEqual({ status: "Rejected" });
    });

    it.each([
      ["StatusNotification", 1],
      ["MeterValues", 2],
      ["Heartbeat", undefined],
      ["FirmwareStatusNotification", undefined],
      ["DiagnosticsStatusNotification", undefined],
    ])("sends %s when triggered", async (requestedMessage, connectorId) => {
      const { central, inbox } = await prepare();
      const before = of(inbox, requestedMessage).length;

      const answer = await central.call("TriggerMessage", {
        requestedMessage,
        ...(connectorId === undefined ? {} : { connectorId }),
      });

      expect(answer).toEqual({ status: "Accepted" });
      await inbox.find(requestedMessage, {}, before + 1);
    });

    it("answers every action of 1.6 within its schema", async () => {
      const { central } = await prepare();
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
        ["GetCompositeSchedule", { connectorId: 1, duration: 60 }, { status: "Rejected" }],
        [
          "DataTransfer",
          { vendorId: "ocpp-relay", messageId: "echo", data: "x" },
          { status: "Accepted", data: "x" },
        ],
        ["DataTransfer", { vendorId: "someone" }, { status: "UnknownVendorId" }],
        ["GetDiagnostics", { location: "ftp://x/diagnostics" }, {}],
        ["UpdateFirmware", { location: "ftp://x/firmware", retrieveDate: later }, {}],
        [
          "ExtendedTriggerMessage",
          { requestedMessage: "SignChargePointCertificate" },
          { status: "NotImplemented" },
        ],
        ["GetLog", { log, logType: "SecurityLog", requestId: 1 }, { status: "Rejected" }],
        ["SignedUpdateFirmware", { requestId: 1, firmware }, { status: "Rejected" }],
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
      const { central, inbox } = await prepare({ configuration: { MeterValueSampleInterval: "1" } });

      expect(await central.call("RemoteStartTransaction", { idTag: "DRIVER" })).toEqual({
        status: "Accepted",
      });
      await inbox.find("StatusNotification", { connectorId: 1, status: "Charging" });
      const { transactionId } = await inbox.find("MeterValues");
      expect(await central.call("RemoteStopTransaction", { transactionId })).toEqual({ status: "Accepted" });
      await inbox.find("StatusNotification", { connectorId: 1, status: "Available" }, 2);

      expect(of(inbox, "StartTransaction")).toEqual([
        { connectorId: 1, idTag: "DRIVER", meterStart: 0, timestamp: expect.any(String) },
      ]);
      expect(of(inbox, "StopTransaction")).toEqual([
        {
          transactionId,
          idTag: "DRIVER",
          meterStop: expect.any(Number),
          timestamp: expect.any(String),
          reason: "Remote",
        },
      ]);
      const statuses = of(inbox, "StatusNotification").filter(({ connectorId }) => connectorId === 1);
      expect(statuses.map(({ status }) => status)).toEqual([
        "Available",
        "Preparing",
        "Charging",
        "Finishing",
        "Available",
      ]);
    });

    it("TC_026/028: refuses to start on a connector in use or unknown, and to stop what does not run", async () => {
      const { central } = await prepare({ faultyConnectors: [2] });
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
      const { station, inbox } = await prepare();

      await station.driver.startCharging(1, "DRIVER");
      await station.driver.stopCharging(1);
      await station.driver.startCharging(2, "BLOCKED");

      expect(of(inbox, "Authorize")).toEqual([{ idTag: "DRIVER" }, { idTag: "BLOCKED" }]);
      expect(of(inbox, "StartTransaction")).toHaveLength(1);
      expect(await inbox.find("StopTransaction")).toMatchObject({ reason: "Local" });
    });

    it("ends a transaction at a hard reset after the reboot, at a soft reset before it", async () => {
      const { station, central, inbox } = await prepare();
      await station.driver.startCharging(1, "DRIVER");
      await central.call("Reset", { type: "Hard" });
      await inbox.find("StatusNotification", { connectorId: 2 }, 2);

      await station.driver.startCharging(1, "DRIVER");
      await central.call("Reset", { type: "Soft" });
      await inbox.find("StatusNotification", { connectorId: 2 }, 3);

      const events = inbox.messages
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
      const { station, inbox } = await prepare();
      await station.driver.startCharging(1, "DRIVER");

      await station.disconnect({ abrupt: true });
      const stopped = station.driver.stopCharging(1);
      expect(of(inbox, "StopTransaction")).toEqual([]);
      await station.reconnect();
      await stopped;

      expect(of(inbox, "StopTransaction")).toHaveLength(1);
      expect(of(inbox, "BootNotification")).toHaveLength(1);
    });
  });

  describe("as a test's instrument", () => {
    it("records the CALLs it received, their answers and how many were open at once", async () => {
      const { station, central } = await prepare({
        boot: false,
        answerDelayMs: ({ action }) => (action === "ClearCache" ? 20 : 0),
      });

      const cleared = central.call("ClearCache", {});
      await station.received("ClearCache");
      expect(station.maxOutstanding).toBe(1);
      await cleared;
      await central.call("GetLocalListVersion", {});

      expect(station.calls).toEqual([
        {
          messageId: expect.any(String),
          action: "ClearCache",
          payload: {},
          receivedAtMs: expect.any(Number),
          answeredAtMs: expect.any(Number),
          answer: { status: "Accepted" },
        },
        expect.objectContaining({ action: "GetLocalListVersion", answer: { listVersion: 0 } }),
      ]);
      expect(station.maxOutstanding).toBe(1);
    });

    it("answers what a handler says: a payload, a CALLERROR, nothing, or something raw", async () => {
      const { station, central } = await prepare({
        boot: false,
        handlers: {
          Reset: () => ({ status: "Rejected" }),
          UnlockConnector: () => {
            throw callError("InternalError", "jammed", { bolt: 3 });
          },
          ClearCache: () => NO_ANSWER,
          GetConfiguration: async ({ standard }) => ({ ...(await standard()), unknownKey: ["added"] }),
        },
      });

      expect(await central.call("Reset", { type: "Soft" })).toEqual({ status: "Rejected" });
      await expect(central.call("UnlockConnector", { connectorId: 1 })).rejects.toMatchObject({
        rpcErrorCode: "InternalError",
        message: "jammed",
        details: { bolt: 3 },
      });
      expect(await central.call("GetConfiguration", { key: ["CpoName"] })).toMatchObject({
        unknownKey: ["added"],
      });

      const unanswered = central.call("ClearCache", {});
      const { messageId } = await station.received("ClearCache");
      station.sendRaw(JSON.stringify([3, messageId, { status: "Accepted" }]));
      expect(await unanswered).toEqual({ status: "Accepted" });
      expect(station.calls.at(-1)?.answer).toEqual({ status: "Accepted" });
    });

    it("never answers on a later connection, and closes although a handler still runs", async () => {
      const { station, central } = await prepare({ answerDelayMs: 60_000 });
      const lost = central.call("ClearCache", {});
      await station.received("ClearCache");

      const disconnected = station.disconnect();

      await expect(lost).rejects.toThrow();
      await disconnected;
      expect(station.connected).toBe(false);
    });

    it("refuses a CALL that breaks its schema or that it does not know", async () => {
      const { inbox } = await prepare({ identity: "STRICT" });
      const central = centrals.get("STRICT") as Central & {
        sendRaw(frame: string): void;
        on: NodeJS.EventEmitter["on"];
      };
      const answers: unknown[] = [];
      const both = new Promise<void>((resolve) => {
        central.on("response", ({ payload }: { payload: unknown[] }) => {
          if (answers.push(payload.slice(0, 3)) === 2) resolve();
        });
      });

      central.sendRaw(JSON.stringify([2, "bad", "Reset", { type: "Medium" }]));
      central.sendRaw(JSON.stringify([2, "unknown", "Dance", {}]));
      await both;

      expect(answers).toEqual([
        [4, "bad", "FormationViolation"],
        [4, "unknown", expect.any(String)],
      ]);
      expect(of(inbox, "BootNotification")).toHaveLength(1);
    });
  });
});

describe("npm run station", () => {
  const run = (...args: string[]) => {
    const cli = fileURLToPath(new URL("../../local/stations/cli.ts", import.meta.url));
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { text: "" };
    const printed = async (text: string) => {
      while (!output.text.includes(text)) await once(child.stdout, "data");
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output.text += chunk;
      });
    }
    return { child, output, printed, exited: once(child, "exit") };
  };

  it("connects, prints what happens, and ends on Ctrl-C", async () => {
    passwords.set("CLI", PASSWORD);
    const { child, output, printed, exited } = run("--identity", "CLI", "--password", PASSWORD, "--url", url);
    await printed("ready");

    const answer = await (centrals.get("CLI") as Central).call("ClearCache", {});
    await printed("answered ClearCache");
    child.kill("SIGINT");

    expect(answer).toEqual({ status: "Accepted" });
    expect(await exited).toEqual([0, null]);
    expect(output.text).toContain("→ BootNotification");
    expect(output.text).toContain("← ClearCache {}");
  });

  it.each([
    ["--identity is missing", []],
    ["ocpp9 is not one of ocpp1.6", ["--identity", "CLI", "--protocol", "ocpp9"]],
    ["Unknown option '--colour'", ["--identity", "CLI", "--colour", "red"]],
    ["no colon", ["--identity", "C:LI"]],
    ["no ws:// or wss:// URL", ["--identity", "CLI", "--password", "x", "--url", "http://127.0.0.1"]],
    ["is the relay running", ["--identity", "CLI", "--api", "http://127.0.0.1:65001"]],
  ])("says what is wrong: %s", async (message, args) => {
    const { output, exited } = run(...args);
    expect(await exited).toEqual([1, null]);
    expect(output.text).toContain(message);
    expect(output.text).not.toMatch(/^ +at /m);
  });
});

describe("a raw station", () => {
  it("exchanges frames as they are", async () => {
    const station = await connectRaw(`${url}/RAW`);
    station.send([2, "1", "Heartbeat", {}]);
    expect(await station.next()).toEqual([3, "1", { currentTime: expect.any(String) }]);
    station.send("not JSON");
    expect((await station.next())[0]).toBe(4);
    await station.close();
    expect(await station.closed).toMatchObject({ code: 1005 });
  });

  it("tells how its upgrade was refused", async () => {
    passwords.set("LOCKED", PASSWORD);
    const refused = connectRaw(`${url}/LOCKED`, { identity: "LOCKED", password: "wrong" });
    await expect(refused).rejects.toThrow(UpgradeRefused);
    await expect(refused).rejects.toMatchObject({ status: 401 });
  });
});
