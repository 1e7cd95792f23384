/** What stations of OCPP 2.0.1 and 2.1 alike send (part 2, "Messages"), what it means, and the answers. */

import { maskSecrets } from "../../ocpp/secrets.ts";
import type { stationActions as v201Actions } from "../../ocpp/v201/actions.ts";
import {
  eventTime,
  HEARTBEAT_INTERVAL,
  type Outcome,
  type StationCall,
  statusTime,
} from "../station-call.ts";
import { limitsAmong } from "./limits.ts";
import { registerWh } from "./meter.ts";
import { type ReportedVariable, reportedKeys } from "./report.ts";
import type { ComponentVariable } from "./variable-key.ts";

type Action = (typeof v201Actions)[number] | "DataTransfer";

interface IdToken {
  readonly idToken: string;
}

interface Authorize {
  readonly idToken: IdToken;
}

interface StatusNotification {
  readonly evseId: number;
  readonly connectorId: number;
  readonly connectorStatus: string;
  readonly timestamp: string;
}

interface EventData extends ComponentVariable {
  readonly timestamp: string;
  readonly actualValue: string;
}

interface NotifyEvent {
  readonly eventData: readonly EventData[];
}

interface NotifyReport {
  readonly requestId: number;
  readonly seqNo: number;
  readonly tbc?: boolean;
  readonly reportData?: readonly ReportedVariable[];
}

interface TransactionEvent {
  readonly eventType: "Started" | "Updated" | "Ended";
  readonly timestamp: string;
  readonly seqNo: number;
  readonly transactionInfo: {
    readonly transactionId: string;
    readonly stoppedReason?: string;
    readonly remoteStartId?: number;
  };
  readonly evse?: { readonly id: number; readonly connectorId?: number };
  readonly idToken?: IdToken;
  readonly meterValue?: Parameters<typeof registerWh>[0];
}

const iso = (now: number) => new Date(now).toISOString();

const idTokenInfo = ({ authorization = "Accepted" }: Outcome) => ({ idTokenInfo: { status: authorization } });

export const acknowledged: StationCall = { answer: () => ({}) };

/** There is no certificate authority behind us, nor a way to one. */
const failed: StationCall = { answer: () => ({ status: "Failed" }) };

export const rejected: StationCall = { answer: () => ({ status: "Rejected" }) };

export const stationCalls: Readonly<Record<Action, StationCall>> = {
  Authorize: {
    event: ({ idToken }: Authorize) => ({ type: "authorize", idTag: idToken.idToken }),
    answer: (_, { outcome }) => idTokenInfo(outcome),
  },

  /**
   * Always Accepted: who may connect was decided at the endpoint, so there is no station that waits as Pending or
   * Rejected, and no rule about what may be sent to one (part 2, B02 and B03) has a case here.
   */
  BootNotification: {
    event: (boot) => ({ type: "boot", boot: { ...boot } }),
    answer: (_, { now }) => ({ status: "Accepted", currentTime: iso(now), interval: HEARTBEAT_INTERVAL }),
  },

  ClearedChargingLimit: acknowledged,

  /** What vendors agree on with others; nothing of it is agreed on with us. */
  DataTransfer: { answer: () => ({ status: "UnknownVendorId" }) },

  FirmwareStatusNotification: acknowledged,
  Get15118EVCertificate: { answer: () => ({ status: "Failed", exiResponse: "" }) },
  GetCertificateStatus: failed,
  Heartbeat: { answer: (_, { now }) => ({ currentTime: iso(now) }) },
  LogStatusNotification: acknowledged,
  MeterValues: acknowledged,
  NotifyChargingLimit: acknowledged,
  NotifyCustomerInformation: acknowledged,
  NotifyDisplayMessages: acknowledged,

  /** K15: Rejected says that we make no charging schedules. */
  NotifyEVChargingNeeds: rejected,

  /** K17: "processed", which approves of nothing. */
  NotifyEVChargingSchedule: { answer: () => ({ status: "Accepted" }) },

  NotifyEvent: {
    event: ({ eventData }: NotifyEvent, { now }) => {
      const statuses = eventData.flatMap((data) => connectorStatus(data, now));
      return statuses.length > 0 ? { type: "connectorStatuses", statuses } : undefined;
    },
    answer: () => ({}),
  },

  NotifyMonitoringReport: acknowledged,

  NotifyReport: {
    event: ({ requestId, seqNo, tbc = false, reportData = [] }: NotifyReport) => {
      if (seqNo < 0) return undefined;
      const keys = reportedKeys(maskSecrets("NotifyReport", reportData));
      return { type: "reportPart", requestId, seqNo, isLast: !tbc, keys, limits: limitsAmong(keys) };
    },
    answer: () => ({}),
  },

  PublishFirmwareStatusNotification: acknowledged,
  ReportChargingProfiles: acknowledged,
  ReservationStatusUpdate: acknowledged,
  SecurityEventNotification: acknowledged,
  SignCertificate: rejected,

  StatusNotification: {
    event: ({ evseId, connectorId, connectorStatus, timestamp }: StatusNotification, { now }) => {
      // EVSE 0 is the station as a whole, which has no connector
      if (evseId <= 0 || connectorId <= 0) return undefined;
      return {
        type: "connectorStatus",
        evseId,
        connectorId,
        status: connectorStatus,
        ...statusTime(timestamp, now),
      };
    },
    answer: () => ({}),
  },

  TransactionEvent: {
    event: (payload: TransactionEvent, { now }) => transactionReport(payload, now),
    // E01.FR.11 and the like: about the token, so only where there is one
    answer: ({ idToken }: TransactionEvent, { outcome }) =>
      idToken === undefined ? {} : idTokenInfo(outcome),
  },
};

/** G01: what a StatusNotification says may come as an event of the connector's AvailabilityState. */
function connectorStatus({ component, variable, timestamp, actualValue }: EventData, now: number) {
  const { id: evseId = 0, connectorId = 0 } = component.evse ?? {};
  const isStatus =
    component.name.toLowerCase() === "connector" && variable.name.toLowerCase() === "availabilitystate";
  if (!isStatus || evseId <= 0 || connectorId <= 0) return [];
  const status = { type: "connectorStatus", evseId, connectorId, status: actualValue } as const;
  return [{ ...status, ...statusTime(timestamp, now) }];
}

function transactionReport(payload: TransactionEvent, now: number) {
  const { eventType: phase, seqNo, timestamp, evse, idToken, meterValue, transactionInfo } = payload;
  const { transactionId, stoppedReason, remoteStartId } = transactionInfo;
  // readings on the way are in the log, and nothing else is kept of them
  if (phase === "Updated" && idToken === undefined && remoteStartId === undefined) return undefined;
  const meter = registerWh(meterValue, phase);
  return {
    type: "transactionReport",
    phase,
    transactionId,
    seqNo,
    at: eventTime(timestamp, now),
    ...(evse && { evseId: evse.id, connectorId: evse.connectorId ?? 1 }),
    ...(idToken && { idTag: idToken.idToken }),
    ...(meter !== undefined && { meter }),
    ...(stoppedReason !== undefined && { reason: stoppedReason }),
    ...(remoteStartId !== undefined && { remoteStartId }),
    ...(phase === "Started" && { begin: JSON.stringify([timestamp, seqNo, remoteStartId ?? null]) }),
  } as const;
}
