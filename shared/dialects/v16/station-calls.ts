/** OCPP 1.6 §4: what stations send, what it means, and what they are answered. */

import type { sharedActions, stationActions } from "../../ocpp/v16/actions.ts";
import {
  eventTime,
  HEARTBEAT_INTERVAL,
  type Outcome,
  type StationCall,
  statusTime,
} from "../station-call.ts";

type Action = (typeof stationActions)[number] | (typeof sharedActions)[number];

interface Authorize {
  readonly idTag: string;
}

interface StatusNotification {
  readonly connectorId: number;
  readonly status: string;
  readonly errorCode: string;
  readonly timestamp?: string;
}

interface StartTransaction {
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStart: number;
  readonly timestamp: string;
}

interface StopTransaction {
  readonly transactionId: number;
  readonly idTag?: string;
  readonly meterStop: number;
  readonly timestamp: string;
  readonly reason?: string;
}

const iso = (now: number) => new Date(now).toISOString();

const idTagInfo = ({ authorization = "Accepted" }: Outcome) => ({ idTagInfo: { status: authorization } });

/** 1.6 numbers connectors only; connector 2 is EVSE 2 with its one connector. */
const place = (connectorId: number) => ({ evseId: connectorId, connectorId: 1 });

const acknowledged: StationCall = { answer: () => ({}) };

export const stationCalls: Readonly<Record<Action, StationCall>> = {
  Authorize: {
    event: ({ idTag }: Authorize) => ({ type: "authorize", idTag }),
    answer: (_, { outcome }) => idTagInfo(outcome),
  },

  BootNotification: {
    event: (boot) => ({ type: "boot", boot: { ...boot } }),
    answer: (_, { now }) => ({ status: "Accepted", currentTime: iso(now), interval: HEARTBEAT_INTERVAL }),
  },

  /** What vendors agree on with others; nothing of it is agreed on with us. */
  DataTransfer: { answer: () => ({ status: "UnknownVendorId" }) },

  DiagnosticsStatusNotification: acknowledged,
  FirmwareStatusNotification: acknowledged,

  Heartbeat: { answer: (_, { now }) => ({ currentTime: iso(now) }) },

  LogStatusNotification: acknowledged,
  MeterValues: acknowledged,
  SecurityEventNotification: acknowledged,

  /** There is no certificate authority behind us. */
  SignCertificate: { answer: () => ({ status: "Rejected" }) },

  SignedFirmwareStatusNotification: acknowledged,

  StartTransaction: {
    event: ({ connectorId, idTag, meterStart, timestamp }: StartTransaction, { now }) => ({
      type: "transactionStarted",
      ...place(connectorId),
      idTag,
      meterStart,
      startedAt: eventTime(timestamp, now),
      content: JSON.stringify([connectorId, idTag, meterStart, timestamp]),
    }),
    answer: (_, { outcome }) => {
      if (outcome.transactionId === undefined)
        throw new Error("StartTransaction was given no transaction id");
      return { transactionId: outcome.transactionId, ...idTagInfo(outcome) };
    },
  },

  StatusNotification: {
    event: ({ connectorId, status, errorCode, timestamp }: StatusNotification, { now }) => {
      // connector 0 is the station as a whole (§4.9), which has no status of its own here
      if (connectorId === 0) return undefined;
      return {
        type: "connectorStatus",
        ...place(connectorId),
        status,
        errorCode,
        ...statusTime(timestamp, now),
      };
    },
    answer: () => ({}),
  },

  StopTransaction: {
    event: ({ transactionId, idTag, meterStop, timestamp, reason }: StopTransaction, { now }) => ({
      type: "transactionEnded",
      transactionId: String(transactionId),
      meterStop,
      stoppedAt: eventTime(timestamp, now),
      // §6.49: left out where it is Local
      reason: reason ?? "Local",
      ...(idTag !== undefined && { idTag }),
    }),
    // §4.10: about the idTag that stopped it, so only where there is one
    answer: ({ idTag }: StopTransaction, { outcome }) => (idTag === undefined ? {} : idTagInfo(outcome)),
  },
};
