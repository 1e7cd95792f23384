/** The commands that every version has in words of its own: what goes over the wire, and what comes back. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callError, type Payload, type Station } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";
import { versions } from "../support/versions.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

/** A CALL as the station gets it, and what it answers. */
interface Wire {
  readonly action: string;
  readonly payload: object;
  readonly answer?: Payload;
  /** The members of the 200 body besides the ids. @default the status of the answer */
  readonly body?: object;
}

interface Case {
  readonly command: string;
  readonly input?: object;
  /** Absent: the version has no such command, or no such option. */
  readonly v16?: Wire;
  readonly v2?: Wire;
}

const hashes = {
  hashAlgorithm: "SHA256",
  issuerNameHash: "aa",
  issuerKeyHash: "bb",
  serialNumber: "01",
} as const;

const periods = [{ startPeriod: 0, limit: 16 }];
const neutralPeriods = [{ startSeconds: 0, limit: 16 }];
const number = expect.any(Number);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

const cases: readonly Case[] = [
  {
    command: "trigger_message",
    input: { requestedMessage: "StatusNotification", connector: "2" },
    v16: { action: "TriggerMessage", payload: { requestedMessage: "StatusNotification", connectorId: 2 } },
    v2: {
      action: "TriggerMessage",
      payload: { requestedMessage: "StatusNotification", evse: { id: 2, connectorId: 1 } },
    },
  },
  {
    command: "trigger_message",
    input: { requestedMessage: "SignChargingStationCertificate" },
    v16: { action: "ExtendedTriggerMessage", payload: { requestedMessage: "SignChargePointCertificate" } },
    v2: { action: "TriggerMessage", payload: { requestedMessage: "SignChargingStationCertificate" } },
  },
  {
    command: "trigger_message",
    input: { requestedMessage: "DiagnosticsStatusNotification" },
    v16: { action: "TriggerMessage", payload: { requestedMessage: "DiagnosticsStatusNotification" } },
    v2: { action: "TriggerMessage", payload: { requestedMessage: "LogStatusNotification" } },
  },
  {
    command: "trigger_message",
    input: { requestedMessage: "TransactionEvent" },
    v2: { action: "TriggerMessage", payload: { requestedMessage: "TransactionEvent" } },
  },
  {
    command: "change_availability",
    input: { type: "Inoperative", connector: "2:1" },
    v16: {
      action: "ChangeAvailability",
      payload: { connectorId: 2, type: "Inoperative" },
      answer: { status: "Scheduled" },
    },
    v2: {
      action: "ChangeAvailability",
      payload: { operationalStatus: "Inoperative", evse: { id: 2, connectorId: 1 } },
      answer: { status: "Scheduled" },
    },
  },
  {
    command: "change_availability",
    input: { type: "Operative" },
    v16: { action: "ChangeAvailability", payload: { connectorId: 0, type: "Operative" } },
    v2: { action: "ChangeAvailability", payload: { operationalStatus: "Operative" } },
  },
  {
    command: "data_transfer",
    input: { vendorId: "com.example", messageId: "m", data: { a: [1] } },
    v16: {
      action: "DataTransfer",
      payload: { vendorId: "com.example", messageId: "m", data: '{"a":[1]}' },
      answer: { status: "Accepted", data: "text" },
      body: { status: "Accepted", data: "text" },
    },
    v2: {
      action: "DataTransfer",
      payload: { vendorId: "com.example", messageId: "m", data: { a: [1] } },
      answer: { status: "Accepted", data: { b: 2 } },
      body: { status: "Accepted", data: { b: 2 } },
    },
  },
  {
    command: "set_charging_profile",
    input: {
      connector: "1",
      profile: {
        profileId: 7,
        stackLevel: 1,
        purpose: "TxDefault",
        kind: "Recurring",
        recurrency: "Daily",
        schedule: { unit: "A", startAt: "2026-01-01T00:00:00+01:00", periods: neutralPeriods },
      },
    },
    v16: {
      action: "SetChargingProfile",
      payload: {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: 7,
          stackLevel: 1,
          chargingProfilePurpose: "TxDefaultProfile",
          chargingProfileKind: "Recurring",
          recurrencyKind: "Daily",
          chargingSchedule: {
            startSchedule: "2025-12-31T23:00:00.000Z",
            chargingRateUnit: "A",
            chargingSchedulePeriod: periods,
          },
        },
      },
      body: { status: "Accepted", profileId: 7 },
    },
    v2: {
      action: "SetChargingProfile",
      payload: {
        evseId: 1,
        chargingProfile: {
          id: 7,
          stackLevel: 1,
          chargingProfilePurpose: "TxDefaultProfile",
          chargingProfileKind: "Recurring",
          recurrencyKind: "Daily",
          chargingSchedule: [
            {
              id: 1,
              startSchedule: "2025-12-31T23:00:00.000Z",
              chargingRateUnit: "A",
              chargingSchedulePeriod: periods,
            },
          ],
        },
      },
      body: { status: "Accepted", profileId: 7 },
    },
  },
  {
    command: "set_charging_limit",
    input: { limit: 16, unit: "A", minutes: 90 },
    v16: {
      action: "SetChargingProfile",
      payload: {
        connectorId: 0,
        csChargingProfiles: {
          chargingProfileId: 900_000_000,
          stackLevel: 0,
          chargingProfilePurpose: "ChargePointMaxProfile",
          chargingProfileKind: "Absolute",
          validTo: time,
          chargingSchedule: {
            duration: 5_400,
            startSchedule: time,
            chargingRateUnit: "A",
            chargingSchedulePeriod: periods,
          },
        },
      },
      body: { status: "Accepted", profileId: 900_000_000 },
    },
    v2: {
      action: "SetChargingProfile",
      payload: {
        evseId: 0,
        chargingProfile: {
          id: 900_000_000,
          stackLevel: 0,
          chargingProfilePurpose: "ChargingStationMaxProfile",
          chargingProfileKind: "Absolute",
          validTo: time,
          chargingSchedule: [
            {
              id: 1,
              startSchedule: time,
              duration: 5_400,
              chargingRateUnit: "A",
              chargingSchedulePeriod: periods,
            },
          ],
        },
      },
      body: { status: "Accepted", profileId: 900_000_000 },
    },
  },
  {
    command: "set_charging_limit",
    input: { limit: 16, unit: "W", connector: "2" },
    v16: {
      action: "SetChargingProfile",
      payload: {
        connectorId: 2,
        csChargingProfiles: {
          chargingProfileId: 900_000_002,
          stackLevel: 0,
          chargingProfilePurpose: "TxDefaultProfile",
          chargingProfileKind: "Absolute",
          chargingSchedule: { startSchedule: time, chargingRateUnit: "W", chargingSchedulePeriod: periods },
        },
      },
      answer: { status: "NotSupported" },
      body: { status: "NotSupported", profileId: 900_000_002 },
    },
    v2: {
      action: "SetChargingProfile",
      payload: {
        evseId: 2,
        chargingProfile: {
          id: 900_000_002,
          stackLevel: 0,
          chargingProfilePurpose: "TxDefaultProfile",
          chargingProfileKind: "Absolute",
          chargingSchedule: [
            { id: 1, startSchedule: time, chargingRateUnit: "W", chargingSchedulePeriod: periods },
          ],
        },
      },
      body: { status: "Accepted", profileId: 900_000_002 },
    },
  },
  {
    command: "clear_charging_limit",
    input: { connector: "2" },
    v16: { action: "ClearChargingProfile", payload: { id: 900_000_002 } },
    v2: { action: "ClearChargingProfile", payload: { chargingProfileId: 900_000_002 } },
  },
  {
    command: "clear_charging_profile",
    input: { purpose: "StationMax", stackLevel: 2, connector: "1" },
    v16: {
      action: "ClearChargingProfile",
      payload: { connectorId: 1, chargingProfilePurpose: "ChargePointMaxProfile", stackLevel: 2 },
      answer: { status: "Unknown" },
    },
    v2: {
      action: "ClearChargingProfile",
      payload: {
        chargingProfileCriteria: {
          evseId: 1,
          chargingProfilePurpose: "ChargingStationMaxProfile",
          stackLevel: 2,
        },
      },
      answer: { status: "Unknown" },
    },
  },
  {
    command: "clear_charging_profile",
    v16: { action: "ClearChargingProfile", payload: {} },
    v2: { action: "ClearChargingProfile", payload: {} },
  },
  {
    command: "get_composite_schedule",
    input: { durationSeconds: 3_600, unit: "A", connector: "1" },
    v16: {
      action: "GetCompositeSchedule",
      payload: { connectorId: 1, duration: 3_600, chargingRateUnit: "A" },
      answer: {
        status: "Accepted",
        connectorId: 1,
        scheduleStart: "2026-01-01T00:00:00Z",
        chargingSchedule: { duration: 60, chargingRateUnit: "A", chargingSchedulePeriod: periods },
      },
      body: {
        status: "Accepted",
        schedule: {
          unit: "A",
          startAt: "2026-01-01T00:00:00Z",
          durationSeconds: 60,
          periods: neutralPeriods,
        },
      },
    },
    v2: {
      action: "GetCompositeSchedule",
      payload: { evseId: 1, duration: 3_600, chargingRateUnit: "A" },
      answer: {
        status: "Accepted",
        schedule: {
          evseId: 1,
          duration: 60,
          scheduleStart: "2026-01-01T00:00:00Z",
          chargingRateUnit: "A",
          chargingSchedulePeriod: periods,
        },
      },
      body: {
        status: "Accepted",
        schedule: {
          unit: "A",
          startAt: "2026-01-01T00:00:00Z",
          durationSeconds: 60,
          periods: neutralPeriods,
        },
      },
    },
  },
  {
    command: "reserve_now",
    input: { connector: "2", idTag: "TAG", expiresAt: "2026-12-31T00:00:00Z", reservationId: 5 },
    v16: {
      action: "ReserveNow",
      payload: {
        connectorId: 2,
        expiryDate: "2026-12-31T00:00:00.000Z",
        idTag: "TAG",
        reservationId: 5,
      },
      answer: { status: "Occupied" },
      body: { status: "Occupied", reservationId: 5 },
    },
    v2: {
      action: "ReserveNow",
      payload: {
        id: 5,
        expiryDateTime: "2026-12-31T00:00:00.000Z",
        idToken: { idToken: "TAG", type: "Central" },
        evseId: 2,
      },
      answer: { status: "Occupied" },
      body: { status: "Occupied", reservationId: 5 },
    },
  },
  {
    command: "reserve_now",
    input: { idTag: "TAG", expiresAt: "2026-12-31T00:00:00Z" },
    v16: {
      action: "ReserveNow",
      payload: { connectorId: 0, expiryDate: time, idTag: "TAG", reservationId: number },
      body: { status: "Accepted", reservationId: number },
    },
    v2: {
      action: "ReserveNow",
      payload: { id: number, expiryDateTime: time, idToken: { idToken: "TAG", type: "Central" } },
      body: { status: "Accepted", reservationId: number },
    },
  },
  {
    command: "cancel_reservation",
    input: { reservationId: 5 },
    v16: { action: "CancelReservation", payload: { reservationId: 5 } },
    v2: { action: "CancelReservation", payload: { reservationId: 5 } },
  },
  {
    command: "get_local_list_version",
    v16: {
      action: "GetLocalListVersion",
      payload: {},
      answer: { listVersion: -1 },
      body: { listVersion: -1 },
    },
    v2: {
      action: "GetLocalListVersion",
      payload: {},
      answer: { versionNumber: 3 },
      body: { listVersion: 3 },
    },
  },
  {
    command: "install_certificate",
    input: { certificateType: "CSMSRootCertificate", certificate: "PEM" },
    v16: {
      action: "InstallCertificate",
      payload: { certificateType: "CentralSystemRootCertificate", certificate: "PEM" },
      answer: { status: "Rejected" },
    },
    v2: {
      action: "InstallCertificate",
      payload: { certificateType: "CSMSRootCertificate", certificate: "PEM" },
      answer: { status: "Failed" },
    },
  },
  {
    command: "install_certificate",
    input: { certificateType: "V2GRootCertificate", certificate: "PEM" },
    v2: {
      action: "InstallCertificate",
      payload: { certificateType: "V2GRootCertificate", certificate: "PEM" },
    },
  },
  {
    command: "delete_certificate",
    input: { certificateHashData: hashes },
    v16: { action: "DeleteCertificate", payload: { certificateHashData: hashes } },
    v2: { action: "DeleteCertificate", payload: { certificateHashData: hashes } },
  },
  {
    command: "get_installed_certificates",
    input: { certificateTypes: ["CSMSRootCertificate"] },
    v16: {
      action: "GetInstalledCertificateIds",
      payload: { certificateType: "CentralSystemRootCertificate" },
      answer: { status: "Accepted", certificateHashData: [hashes] },
      body: {
        status: "Accepted",
        certificates: [{ certificateType: "CSMSRootCertificate", certificateHashData: hashes }],
      },
    },
    v2: {
      action: "GetInstalledCertificateIds",
      payload: { certificateType: ["CSMSRootCertificate"] },
      answer: {
        status: "Accepted",
        certificateHashDataChain: [{ certificateType: "CSMSRootCertificate", certificateHashData: hashes }],
      },
      body: {
        status: "Accepted",
        certificates: [{ certificateType: "CSMSRootCertificate", certificateHashData: hashes }],
      },
    },
  },
  {
    command: "set_display_message",
    input: {
      message: {
        ...{ messageId: 7, priority: "InFront", state: "Idle", content: "Closed at 10", format: "UTF8" },
        ...{ endAt: "2026-12-31T00:00:00+01:00", language: "en" },
      },
    },
    v2: {
      action: "SetDisplayMessage",
      payload: {
        message: {
          ...{ id: 7, priority: "InFront", state: "Idle", endDateTime: "2026-12-30T23:00:00.000Z" },
          message: { format: "UTF8", language: "en", content: "Closed at 10" },
        },
      },
      answer: { status: "NotSupportedPriority" },
      body: { status: "NotSupportedPriority", messageId: 7 },
    },
  },
  {
    command: "clear_display_message",
    input: { messageId: 7 },
    v2: { action: "ClearDisplayMessage", payload: { id: 7 }, answer: { status: "Unknown" } },
  },
  {
    command: "get_display_messages",
    input: { ids: [7], priority: "InFront", state: "Idle" },
    v2: {
      action: "GetDisplayMessages",
      payload: { id: [7], priority: "InFront", state: "Idle", requestId: number },
      answer: { status: "Unknown" },
      body: { status: "Unknown", messages: [] },
    },
  },
  {
    command: "get_charging_profiles",
    input: { connector: "2", purpose: "TxDefault", stackLevel: 1, profileIds: [7] },
    v2: {
      action: "GetChargingProfiles",
      payload: {
        evseId: 2,
        chargingProfile: {
          ...{ chargingProfilePurpose: "TxDefaultProfile", stackLevel: 1, chargingProfileId: [7] },
        },
        requestId: number,
      },
      answer: { status: "NoProfiles" },
      body: { status: "NoProfiles", profiles: [] },
    },
  },
];

describe.each(versions)("$protocol", ({ protocol }) => {
  const identity = `commands-${protocol}`;
  const generation = protocol === "ocpp1.6" ? "v16" : "v2";
  /** What the station answers to the next CALL of an action. */
  const answers = new Map<string, Payload | Error>();
  let station: Station;

  beforeAll(async () => {
    const actions = cases.flatMap(({ v16, v2 }) => [v16?.action ?? "", v2?.action ?? ""]);
    const handlers = Object.fromEntries(
      actions.map((action) => [
        action,
        () => {
          const answer = answers.get(action) ?? { status: "Accepted" };
          if (answer instanceof Error) throw answer;
          return answer;
        },
      ]),
    );
    station = await relay.station(identity, { protocol, connectors: 2, handlers });
  });

  it.each(cases.map((one) => [`${one.command} ${JSON.stringify(one.input ?? {})}`, one] as const))(
    "%s",
    async (_, { command, input, ...wires }) => {
      const wire = wires[generation];
      const before = station.calls.length;
      if (wire) answers.set(wire.action, wire.answer ?? { status: "Accepted" });

      const { status, body } = await relay.command(identity, command, input);

      const sent = station.calls.slice(before);
      if (!wire) {
        expect([status, body.type]).toEqual([
          422,
          "https://ocpp-relay.dev/problems/not-supported-by-protocol",
        ]);
        expect(body).toMatchObject({ protocol, action: expect.any(String) });
        expect(sent).toEqual([]);
        return;
      }
      expect(status, JSON.stringify(body)).toBe(200);
      expect(sent.map(({ action, payload }) => ({ action, payload }))).toEqual([
        { action: wire.action, payload: wire.payload },
      ]);
      const expected = wire.body ?? { status: (wire.answer ?? { status: "Accepted" }).status };
      expect(body).toEqual({ commandId: body.commandId, ocppMessageId: body.commandId, ...expected });
      expect((await relay.get(`/remote_commands/${body.commandId}`)).body).toMatchObject({
        command,
        state: "answered",
      });
    },
  );

  it("a CALLERROR is a 502 with the station's code", async () => {
    answers.set("ChangeAvailability", callError("InternalError", "no relay"));

    const { status, body } = await relay.command(identity, "change_availability", { type: "Operative" });

    expect(status).toBe(502);
    expect(body).toMatchObject({ errorCode: "InternalError", errorDescription: "no relay" });
  });

  it("a connector by its UUID is the same connector", async () => {
    answers.set("TriggerMessage", { status: "Accepted" });
    const connectorUuid = connectorUuidOf(cpIdOf("default", identity), 2, 1);
    const send = async (named: object) => {
      await relay.command(identity, "trigger_message", { requestedMessage: "MeterValues", ...named });
      return station.calls.at(-1)?.payload;
    };

    expect(await send({ connectorUuid })).toEqual(await send({ connector: "2:1" }));
  });

  it("a connector that is named twice is a 400, and nothing is sent", async () => {
    const before = station.calls.length;
    const input = { type: "Operative", connector: "1", connectorUuid: "2" };

    const { status, body } = await relay.command(identity, "change_availability", input);

    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { pointer: "/connector", detail: "must be absent where connectorUuid is given" },
    ]);
    expect(station.calls.length).toBe(before);
  });

  it("a connector that the station does not have is a 404, and nothing is sent", async () => {
    const before = station.calls.length;

    for (const [command, input] of [
      ["trigger_message", { requestedMessage: "MeterValues", connector: "9" }],
      ["change_availability", { type: "Operative", connector: "9" }],
      ["set_charging_limit", { limit: 1, unit: "A", connector: "1:9" }],
      ["reserve_now", { idTag: "T", expiresAt: "2026-12-31T00:00:00Z", connector: "9" }],
    ] as const) {
      expect((await relay.command(identity, command, input)).status).toBe(404);
    }
    expect(station.calls.length).toBe(before);
  });
});

describe.each(versions.filter(({ protocol }) => protocol !== "ocpp1.6"))(
  "lists of a $protocol station",
  ({ protocol }) => {
    const identity = `LISTS-${protocol}`;

    beforeAll(async () => {
      await relay.station(identity, { protocol, connectors: 2 });
    });

    it("display messages are returned as they were set, from all parts, and are gone when cleared", async () => {
      const messages = [1, 2, 3, 4, 5].map((messageId) => ({
        ...{ messageId, priority: "NormalCycle", content: `no. ${messageId}`, format: "UTF8" },
      }));
      for (const message of messages) await relay.command(identity, "set_display_message", { message });

      const all = await relay.command(identity, "get_display_messages");
      expect([all.status, all.body.status, all.body.messages]).toEqual([200, "Accepted", messages]);

      expect((await relay.command(identity, "clear_display_message", { messageId: 3 })).body.status).toBe(
        "Accepted",
      );
      const some = await relay.command(identity, "get_display_messages", { ids: [2, 3] });
      expect(some.body.messages).toEqual([messages[1]]);
    });

    it("charging profiles are returned with their EVSE in the form in which they were set", async () => {
      const profileOf = (profileId: number) => ({
        ...{ profileId, stackLevel: 1, purpose: "TxDefault", kind: "Absolute" },
        schedule: { unit: "A", startAt: "2026-01-01T00:00:00.000Z", periods: neutralPeriods },
      });
      for (const n of [1, 2])
        await relay.command(identity, "set_charging_profile", { connector: `${n}`, profile: profileOf(n) });

      const { status, body } = await relay.command(identity, "get_charging_profiles");

      expect([status, body.profiles]).toEqual([200, [1, 2].map((n) => ({ evseId: n, ...profileOf(n) }))]);
      expect((await relay.get(`/remote_commands/${body.commandId}`)).body).toMatchObject({
        state: "answered",
      });
    });

    it("a list whose last part does not come is a 504 that states so, and a late part completes the command", async () => {
      const requests: Payload[] = [];
      const silent = await relay.station(`SILENT-${protocol}`, {
        protocol,
        handlers: {
          GetDisplayMessages: ({ payload }) => {
            requests.push(payload);
            return { status: "Accepted" };
          },
        },
      });
      const { status, body, headers } = await relay.command(
        `SILENT-${protocol}`,
        "get_display_messages",
        {},
        { headers: { Prefer: "wait=1" } },
      );
      expect([status, body.detail]).toEqual([504, expect.stringContaining("its last part has not arrived")]);

      const requestId = requests[0]?.requestId;
      const message = { content: "late", format: "UTF8" };
      const messageInfo = { id: 1, priority: "InFront", message };
      await silent.call("NotifyDisplayMessages", { requestId, messageInfo: [messageInfo] });

      expect((await relay.get(headers.get("location") as string)).body).toMatchObject({
        state: "answered",
      });
    });
  },
);

describe.each(versions)("the local list of a $protocol station", ({ protocol }) => {
  const identity = `LOCAL-LIST-${protocol}`;
  const isV16 = protocol === "ocpp1.6";
  let station: Station;
  /** What the station answers to a list of a version. */
  const answers = new Map<unknown, Payload>();
  /** The versions of lists that it answers by a CALLERROR. */
  const broken = new Set<unknown>();

  beforeAll(async () => {
    station = await relay.station(identity, {
      protocol,
      configuration: { [isV16 ? "SendLocalListMaxLength" : "LocalAuthListCtrlr.ItemsPerMessage"]: "20" },
      handlers: {
        SendLocalList: ({ payload, standard }) => {
          const version = payload.listVersion ?? payload.versionNumber;
          if (broken.has(version)) throw callError("InternalError", "no");
          return answers.get(version) ?? standard();
        },
      },
    });
  });

  const list = (count: number, status?: string) =>
    Array.from({ length: count }, (_, n) => ({ idTag: `TAG${n}`, ...(status && { status }) }));
  const send = (listVersion: number, updateType: string, entries: object[]) =>
    relay.command(identity, "send_local_list", { listVersion, updateType, entries });
  const version = async () => (await relay.command(identity, "get_local_list_version")).body.listVersion;
  const sentSince = (before: number) =>
    station.calls.slice(before).filter(({ action }) => action === "SendLocalList");

  it("is sent in one CALL if it is short, and has its version then", async () => {
    const before = station.calls.length;
    const full = { idTag: "A", status: "Accepted", expiresAt: "2030-01-01T00:00:00+01:00", groupIdTag: "G" };

    const { status, body } = await send(1, "Full", [full, { idTag: "B", status: "Blocked" }]);

    expect([status, body]).toMatchObject([200, { status: "Accepted", acceptedEntries: 2 }]);
    expect(station.calls.slice(before).map(({ payload }) => payload)).toEqual([
      isV16
        ? {
            ...{ listVersion: 1, updateType: "Full" },
            localAuthorizationList: [
              {
                idTag: "A",
                idTagInfo: { status: "Accepted", expiryDate: "2029-12-31T23:00:00.000Z", parentIdTag: "G" },
              },
              { idTag: "B", idTagInfo: { status: "Blocked" } },
            ],
          }
        : {
            ...{ versionNumber: 1, updateType: "Full" },
            localAuthorizationList: [
              {
                idToken: { idToken: "A", type: "Central" },
                idTokenInfo: {
                  status: "Accepted",
                  cacheExpiryDateTime: "2029-12-31T23:00:00.000Z",
                  groupIdToken: { idToken: "G", type: "Central" },
                },
              },
              { idToken: { idToken: "B", type: "Central" }, idTokenInfo: { status: "Blocked" } },
            ],
          },
    ]);
    expect(await version()).toBe(1);
  });

  it("is cut by the station's limit, with ascending versions of which the last is the one that was asked for", async () => {
    const before = station.calls.length;

    const { status, body } = await send(9, "Full", list(45, "Accepted"));

    expect([status, body.status, body.acceptedEntries]).toEqual([200, "Accepted", 45]);
    const sent = sentSince(before).map(({ payload }) => [
      payload.listVersion ?? payload.versionNumber,
      payload.updateType,
      (payload.localAuthorizationList as unknown[]).length,
    ]);
    expect(sent).toEqual([
      [7, "Full", 20],
      [8, "Differential", 20],
      [9, "Differential", 5],
    ]);
    expect(await version()).toBe(9);
    const command = (await relay.get(`/remote_commands/${body.commandId}`)).body;
    expect([command.state, command.calls.length]).toEqual(["answered", 4]);
  });

  it("ends with the first CALL that the station does not accept", async () => {
    const before = station.calls.length;
    answers.set(20, { status: "Failed" });

    const { status, body } = await send(21, "Differential", list(50));

    expect([status, body.status, body.acceptedEntries]).toEqual([200, "Failed", 20]);
    expect(sentSince(before)).toHaveLength(2);
    expect((await relay.get(`/remote_commands/${body.commandId}`)).body.state).toBe("answered");
  });

  it("ends with a CALL that the station answers by a CALLERROR, and the problem has what was accepted", async () => {
    const before = station.calls.length;
    broken.add(60);

    const { status, body } = await send(60, "Full", list(40, "Accepted"));

    expect([status, body]).toMatchObject([502, { errorCode: "InternalError", acceptedEntries: 20 }]);
    expect(sentSince(before)).toHaveLength(2);
    expect(await version()).toBe(59);
  });

  it.each([
    [
      "of a token that is named twice",
      2,
      "Full",
      [...list(1, "Blocked"), { idTag: "tag0", status: "Accepted" }],
    ],
    ["that is Full and has a token without a status", 2, "Full", list(1)],
    [
      "that removes a token and sets its expiry",
      2,
      "Differential",
      [{ idTag: "A", expiresAt: "2030-01-01T00:00:00Z" }],
    ],
    ["whose version leaves no number for each of its CALLs", 2, "Full", list(41, "Accepted")],
  ])("%s is a 400, and nothing of it is sent", async (_, listVersion, updateType, entries) => {
    const before = station.calls.length;

    const { status, body } = await send(listVersion, updateType, entries);

    expect([status, body.errors]).toEqual([
      400,
      [{ pointer: expect.any(String), detail: expect.any(String) }],
    ]);
    expect(sentSince(before)).toEqual([]);
  });

  it("goes out in CALLs of 50 where the station answers the question for its limits by a CALLERROR", async () => {
    const silent = await relay.station(`UNASKED-${protocol}`, {
      protocol,
      configuration: { [isV16 ? "SendLocalListMaxLength" : "LocalAuthListCtrlr.ItemsPerMessage"]: "100" },
      handlers: {
        [isV16 ? "GetConfiguration" : "GetVariables"]: () => {
          throw callError("InternalError", "no");
        },
      },
    });

    const { status, body } = await relay.command(`UNASKED-${protocol}`, "send_local_list", {
      ...{ listVersion: 9, updateType: "Full", entries: list(60, "Accepted") },
    });

    expect([status, body.acceptedEntries]).toEqual([200, 60]);
    expect(silent.calls.filter(({ action }) => action === "SendLocalList")).toHaveLength(2);
  });

  it("may have one idTag of two types, which OCPP 1.6 cannot distinguish", async () => {
    const entries = ["Central", "ISO14443"].map((idTokenType) => ({
      idTag: "A",
      idTokenType,
      status: "Accepted",
    }));

    expect((await send(40, "Full", entries)).status).toBe(isV16 ? 400 : 200);
  });

  it.runIf(isV16)("with a status that 1.6 has not is a 422", async () => {
    expect((await send(30, "Full", list(1, "NoCredit"))).status).toBe(422);
  });
});

/** By their names in the OCA's test cases for a CSMS of OCPP 1.6; the station answers what each case has it answer. */
describe("the OCA's test cases of OCPP 1.6:", () => {
  const identity = "OCA-16";
  const reservation = { idTag: "TAG", expiresAt: "2099-01-01T00:00:00Z", connector: "1", reservationId: 7 };
  const tokens = [{ idTag: "A", status: "Accepted" }];
  const profile = (purpose: string, about: object = {}) => ({
    ...{ profileId: 7, stackLevel: 0, purpose, kind: "Relative", ...about },
    schedule: { unit: "A", periods: neutralPeriods },
  });
  const answers = new Map<string, Payload>();
  let station: Station;

  beforeAll(async () => {
    const answered = ({ action, standard }: { action: string; standard: () => Payload | Promise<Payload> }) =>
      answers.get(action) ?? standard();
    const actions = [
      ...["GetLocalListVersion", "SendLocalList", "ReserveNow", "CancelReservation", "TriggerMessage"],
      ...["SetChargingProfile", "GetCompositeSchedule", "ClearChargingProfile"],
    ];
    station = await relay.station(identity, {
      protocol: "ocpp1.6",
      handlers: Object.fromEntries(actions.map((action) => [action, answered])),
    });
  });

  const list = (updateType: string, listVersion: number) => ({ updateType, listVersion, entries: tokens });
  const scheduled = { connectorId: 1, scheduleStart: "2026-01-01T00:00:00Z" };
  it.each<
    [name: string, command: string, input: object | undefined, action: string, answer: Payload, body?: object]
  >([
    [
      "TC_042_1, no local list",
      "get_local_list_version",
      undefined,
      "GetLocalListVersion",
      { listVersion: -1 },
      { listVersion: -1 },
    ],
    [
      "TC_042_2, an empty local list",
      "get_local_list_version",
      undefined,
      "GetLocalListVersion",
      { listVersion: 0 },
      { listVersion: 0 },
    ],
    [
      "TC_043_1, lists are not supported",
      "send_local_list",
      list("Full", 1),
      "SendLocalList",
      { status: "NotSupported" },
    ],
    ["TC_043_3, a list fails", "send_local_list", list("Full", 1), "SendLocalList", { status: "Failed" }],
    ["TC_043_4, a full list", "send_local_list", list("Full", 2), "SendLocalList", { status: "Accepted" }],
    [
      "TC_043_5, a differential list",
      "send_local_list",
      list("Differential", 3),
      "SendLocalList",
      { status: "Accepted" },
    ],
    ...["Faulted", "Occupied", "Unavailable", "Rejected"].map(
      (status, n): [string, string, object, string, Payload] => [
        `TC_048_${n + 1}, a reservation that is ${status}`,
        "reserve_now",
        reservation,
        "ReserveNow",
        { status },
      ],
    ),
    [
      "TC_051, a reservation that is cancelled",
      "cancel_reservation",
      { reservationId: 7 },
      "CancelReservation",
      { status: "Accepted" },
    ],
    [
      "TC_052, a cancellation that is rejected",
      "cancel_reservation",
      { reservationId: 8 },
      "CancelReservation",
      { status: "Rejected" },
    ],
    ...[
      "MeterValues",
      "Heartbeat",
      "StatusNotification",
      "DiagnosticsStatusNotification",
      "FirmwareStatusNotification",
    ].map((requestedMessage): [string, string, object, string, Payload] => [
      `TC_054, a triggered ${requestedMessage}`,
      "trigger_message",
      { requestedMessage },
      "TriggerMessage",
      { status: "Accepted" },
    ]),
    [
      "TC_055, a trigger that is rejected",
      "trigger_message",
      { requestedMessage: "MeterValues" },
      "TriggerMessage",
      { status: "Rejected" },
    ],
    [
      "TC_056, a default profile",
      "set_charging_profile",
      { connector: "1", profile: profile("TxDefault") },
      "SetChargingProfile",
      { status: "Accepted" },
    ],
    [
      "TC_057, a profile of a transaction",
      "set_charging_profile",
      { connector: "1", profile: profile("Tx", { transactionId: "5" }) },
      "SetChargingProfile",
      { status: "Accepted" },
    ],
    [
      "TC_066, a composite schedule",
      "get_composite_schedule",
      { connector: "1", durationSeconds: 60, unit: "A" },
      "GetCompositeSchedule",
      {
        status: "Accepted",
        ...scheduled,
        chargingSchedule: { duration: 60, chargingRateUnit: "A", chargingSchedulePeriod: periods },
      },
    ],
    [
      "TC_067, a profile that is cleared",
      "clear_charging_profile",
      { profileId: 7 },
      "ClearChargingProfile",
      { status: "Accepted" },
    ],
  ])("%s", async (_, command, input, action, answer, body = { status: answer.status }) => {
    answers.set(action, answer);
    const before = station.calls.length;

    const response = await relay.command(identity, command, input);

    expect([response.status, response.body]).toMatchObject([200, body]);
    expect(station.calls.slice(before).map((call) => call.action)).toEqual([action]);
  });
});
