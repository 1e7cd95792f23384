/** OCPP 1.6 §4: what stations send, what it means, and what they are answered. */

import type { sharedActions, stationActions } from "../../ocpp/v16/actions.ts";
import { iso } from "../../time.ts";
import { ACCEPTED } from "../../tokens/authorization.ts";
import { anyOf, integer, number, text } from "../need.ts";
import {
  eventTime,
  meterReading,
  type Outcome,
  type StationCall,
  statusTime,
  stopReason,
  word,
  workStatus,
} from "../station-call.ts";

type Action = (typeof stationActions)[number] | (typeof sharedActions)[number];

interface Authorize {
  readonly idTag: string;
}

interface StatusNotification {
  readonly connectorId: number;
  readonly status: string;
  readonly errorCode?: string;
  readonly timestamp?: string;
}

interface StartTransaction {
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStart?: number;
  readonly timestamp?: string;
}

interface StopTransaction {
  /** As text where it has more digits than a number keeps. */
  readonly transactionId: number | string;
  readonly idTag?: string;
  readonly meterStop?: number;
  readonly timestamp?: string;
  readonly reason?: string;
}

/** §7.36 Reason */
const REASONS: ReadonlySet<string> = new Set([
  "DeAuthorized",
  "EmergencyStop",
  "EVDisconnected",
  "HardReset",
  "Local",
  "Other",
  "PowerLoss",
  "Reboot",
  "Remote",
  "SoftReset",
  "UnlockCommand",
]);

/** §7.8 IdTagInfo. 1.6 has no status for a token that is not listed but `Invalid`; parentIdTag is a CiString20. */
const idTagInfo = ({ authorization: { status, expiresAt, groupId } = ACCEPTED }: Outcome) => ({
  idTagInfo: {
    status: status === "Unknown" ? "Invalid" : status,
    ...(expiresAt !== undefined && { expiryDate: expiresAt }),
    ...(groupId !== undefined && groupId.length <= 20 && { parentIdTag: groupId }),
  },
});

/** 1.6 numbers connectors only; connector 2 is EVSE 2 with its one connector. */
const place = (connectorId: number) => ({ evseId: connectorId, connectorId: 1 });

/** The zone at the end of a time. */
const ZONE = /(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/;

const acknowledged: StationCall = { answer: () => ({}) };

export const stationCalls: Readonly<Record<Action, StationCall>> = {
  Authorize: {
    needs: [text("idTag")],
    event: ({ idTag }: Authorize) => ({ type: "authorize", idTag }),
    answer: (_, { outcome }) => idTagInfo(outcome),
  },

  BootNotification: {
    needs: [anyOf(text("chargePointVendor"), text("chargePointModel"))],
    event: (boot) => ({ type: "boot", boot: { ...boot } }),
    answer: (_, { now, heartbeatInterval: interval }) => ({
      status: "Accepted",
      currentTime: iso(now),
      interval,
    }),
  },

  /** What vendors agree on with others; nothing of it is agreed on with us. */
  DataTransfer: { answer: () => ({ status: "UnknownVendorId" }) },

  DiagnosticsStatusNotification: workStatus("log", false),
  FirmwareStatusNotification: workStatus("firmware", false),

  Heartbeat: { answer: (_, { now }) => ({ currentTime: iso(now) }) },

  LogStatusNotification: workStatus("log", true),
  MeterValues: acknowledged,
  SecurityEventNotification: acknowledged,

  /** There is no certificate authority behind us. */
  SignCertificate: { answer: () => ({ status: "Rejected" }) },

  SignedFirmwareStatusNotification: workStatus("firmware", true),

  StartTransaction: {
    needs: [integer("connectorId"), text("idTag")],
    event: ({ connectorId, idTag, meterStart, timestamp }: StartTransaction, { now }) => {
      const meter = meterReading(meterStart);
      return {
        type: "transactionStarted",
        ...place(connectorId),
        idTag,
        ...(meter !== undefined && { meterStart: meter }),
        startedAt: eventTime(timestamp, now),
        ...(timestamp !== undefined && !ZONE.test(timestamp) && { hasNoZone: true }),
        content: JSON.stringify([connectorId, idTag, meterStart, timestamp]),
      };
    },
    answer: (_, { outcome }) => {
      if (outcome.transactionId === undefined)
        throw new Error("StartTransaction was given no transaction id");
      return { transactionId: outcome.transactionId, ...idTagInfo(outcome) };
    },
  },

  StatusNotification: {
    needs: [integer("connectorId"), text("status")],
    event: ({ connectorId, status, errorCode, timestamp }: StatusNotification, { now }) => {
      // connector 0 is the station as a whole (§4.9), which has no status of its own here; -1 is none
      if (connectorId <= 0) return undefined;
      return {
        type: "connectorStatus",
        ...place(connectorId),
        status: word(status),
        ...(errorCode !== undefined && { errorCode: word(errorCode) }),
        ...statusTime(timestamp, now),
      };
    },
    answer: () => ({}),
  },

  StopTransaction: {
    // a station that lost its transaction's id writes null, 0 or -1
    adapt: (payload) =>
      "transactionId" in payload && payload.transactionId === null
        ? { ...payload, transactionId: 0 }
        : payload,
    needs: [number("transactionId")],
    event: ({ transactionId, idTag, meterStop, timestamp, reason }: StopTransaction, { now }) => {
      const meter = meterReading(meterStop);
      return {
        type: "transactionEnded",
        transactionId: String(transactionId),
        ...(meter !== undefined && { meterStop: meter }),
        stoppedAt: eventTime(timestamp, now),
        // §6.49: left out where it is Local
        ...stopReason(reason, REASONS),
        ...(idTag !== undefined && { idTag }),
      };
    },
    // §4.10: about the idTag that stopped it, so only where there is one
    answer: ({ idTag }: StopTransaction, { outcome }) => (idTag === undefined ? {} : idTagInfo(outcome)),
  },
};
