/** What stations of OCPP 2.0.1 and 2.1 alike send (part 2, "Messages"), what it means, and the answers. */

import { maskSecrets } from "../../ocpp/secrets.ts";
import type { stationActions as v201Actions } from "../../ocpp/v201/actions.ts";
import { iso } from "../../time.ts";
import { ACCEPTED } from "../../tokens/authorization.ts";
import { anyOf, integer, oneOf, text } from "../need.ts";
import {
  eventTime,
  type Outcome,
  type StationCall,
  statusTime,
  stopReason,
  wholeNumber,
  word,
  workStatus,
} from "../station-call.ts";
import { limitsAmong } from "./limits.ts";
import { registerWh } from "./meter.ts";
import { type ReportedVariable, reportedKeys } from "./report.ts";

type Action = (typeof v201Actions)[number] | "DataTransfer";

interface IdToken {
  readonly idToken: string;
  readonly type?: unknown;
}

interface Authorize {
  readonly idToken: IdToken;
}

interface StatusNotification {
  readonly evseId: number;
  readonly connectorId: number;
  readonly connectorStatus: string;
  readonly timestamp?: string;
}

interface EventData {
  readonly component?: { readonly name?: string; readonly evse?: Evse };
  readonly variable?: { readonly name?: string };
  readonly timestamp?: string;
  readonly actualValue?: string;
}

interface NotifyEvent {
  readonly eventData?: readonly EventData[];
}

interface NotifyReport {
  readonly requestId?: number;
  readonly seqNo?: number;
  readonly tbc?: boolean;
  readonly reportData?: readonly ReportedVariable[];
}

interface NotifyDisplayMessages {
  readonly requestId?: number;
  readonly tbc?: boolean;
  readonly messageInfo?: readonly object[];
}

interface ReportChargingProfiles {
  readonly requestId?: number;
  readonly tbc?: boolean;
  readonly evseId?: number;
  readonly chargingProfile?: readonly object[];
}

interface Evse {
  readonly id?: number;
  readonly connectorId?: number;
}

interface TransactionEvent {
  readonly eventType: "Started" | "Updated" | "Ended";
  readonly timestamp?: string;
  readonly seqNo?: number;
  readonly transactionInfo: {
    readonly transactionId: string;
    readonly stoppedReason?: string;
    readonly remoteStartId?: number;
  };
  readonly evse?: Evse;
  readonly idToken?: Partial<IdToken>;
  readonly meterValue?: Parameters<typeof registerWh>[0];
}

const PHASES = ["Started", "Updated", "Ended"] as const;

/** Part 2, ReasonEnumType, of both versions. */
const REASONS: ReadonlySet<string> = new Set([
  "DeAuthorized",
  "EmergencyStop",
  "EnergyLimitReached",
  "EVDisconnected",
  "GroundFault",
  "ImmediateReset",
  "MasterPass",
  "Local",
  "LocalOutOfCredit",
  "Other",
  "OvercurrentFault",
  "PowerLoss",
  "PowerQuality",
  "Reboot",
  "Remote",
  "ReqEnergyTransferRejected",
  "SOCLimitReached",
  "StoppedByEV",
  "TimeLimitReached",
  "Timeout",
]);

const idTokenInfo = ({ authorization: { status, expiresAt, groupId } = ACCEPTED }: Outcome) => ({
  idTokenInfo: {
    status,
    ...(expiresAt !== undefined && { cacheExpiryDateTime: expiresAt }),
    ...(groupId !== undefined && { groupIdToken: { idToken: groupId, type: "Central" } }),
  },
});

/** The token's type, where the message names one. */
const typeOf = ({ type }: Partial<IdToken> = {}) => (typeof type === "string" ? { idTokenType: type } : {});

export const acknowledged: StationCall = { answer: () => ({}) };

/** There is no certificate authority behind us, nor a way to one. */
const failed: StationCall = { answer: () => ({ status: "Failed" }) };

export const rejected: StationCall = { answer: () => ({ status: "Rejected" }) };

export const stationCalls: Readonly<Record<Action, StationCall>> = {
  Authorize: {
    needs: [text("idToken.idToken")],
    event: ({ idToken }: Authorize) => ({ type: "authorize", idTag: idToken.idToken, ...typeOf(idToken) }),
    answer: (_, { outcome }) => idTokenInfo(outcome),
  },

  /**
   * Always Accepted: who may connect was decided at the endpoint, so there is no station that waits as Pending or
   * Rejected, and no rule about what may be sent to one (part 2, B02 and B03) has a case here.
   */
  BootNotification: {
    needs: [anyOf(text("chargingStation.vendorName"), text("chargingStation.model"))],
    event: (boot) => ({ type: "boot", boot: { ...boot } }),
    answer: (_, { now, heartbeatInterval: interval }) => ({
      status: "Accepted",
      currentTime: iso(now),
      interval,
    }),
  },

  ClearedChargingLimit: acknowledged,

  /** What vendors agree on with others; nothing of it is agreed on with us. */
  DataTransfer: { answer: () => ({ status: "UnknownVendorId" }) },

  FirmwareStatusNotification: workStatus("firmware", true),
  Get15118EVCertificate: { answer: () => ({ status: "Failed", exiResponse: "" }) },
  GetCertificateStatus: failed,
  Heartbeat: { answer: (_, { now }) => ({ currentTime: iso(now) }) },
  LogStatusNotification: workStatus("log", true),
  MeterValues: acknowledged,
  NotifyChargingLimit: acknowledged,
  NotifyCustomerInformation: acknowledged,
  NotifyDisplayMessages: {
    event: ({ requestId, tbc, messageInfo = [] }: NotifyDisplayMessages) =>
      listPart("NotifyDisplayMessages", requestId, tbc, messageInfo),
    answer: () => ({}),
  },

  /** K15: Rejected means that the CSMS makes no charging schedules. */
  NotifyEVChargingNeeds: rejected,

  /** K17: "processed", which approves of nothing. */
  NotifyEVChargingSchedule: { answer: () => ({ status: "Accepted" }) },

  NotifyEvent: {
    event: ({ eventData = [] }: NotifyEvent, { now }) => {
      const statuses = eventData.flatMap((data) => connectorStatus(data, now));
      return statuses.length > 0 ? { type: "connectorStatuses", statuses } : undefined;
    },
    answer: () => ({}),
  },

  NotifyMonitoringReport: acknowledged,

  NotifyReport: {
    event: ({ requestId, seqNo = 0, tbc = false, reportData = [] }: NotifyReport) => {
      // a report without a requestId or a part without a sequence number is only logged
      if (wholeNumber(requestId) === undefined || wholeNumber(seqNo) === undefined || seqNo < 0)
        return undefined;
      const keys = reportedKeys(maskSecrets("NotifyReport", reportData));
      return {
        type: "reportPart",
        requestId: requestId as number,
        seqNo,
        isLast: !tbc,
        keys,
        limits: limitsAmong(keys),
      };
    },
    answer: () => ({}),
  },

  PublishFirmwareStatusNotification: acknowledged,
  ReportChargingProfiles: {
    event: ({ requestId, tbc, evseId, chargingProfile = [] }: ReportChargingProfiles) =>
      listPart(
        "ReportChargingProfiles",
        requestId,
        tbc,
        chargingProfile.map((profile) => ({ evseId, profile })),
      ),
    answer: () => ({}),
  },

  ReservationStatusUpdate: acknowledged,
  SecurityEventNotification: acknowledged,
  SignCertificate: rejected,

  StatusNotification: {
    needs: [integer("evseId"), integer("connectorId"), text("connectorStatus")],
    event: ({ evseId, connectorId, connectorStatus, timestamp }: StatusNotification, { now }) => {
      // EVSE 0 is the station as a whole, which has no connector
      if (evseId <= 0 || connectorId <= 0) return undefined;
      return {
        type: "connectorStatus",
        evseId,
        connectorId,
        status: word(connectorStatus),
        ...statusTime(timestamp, now),
      };
    },
    answer: () => ({}),
  },

  TransactionEvent: {
    needs: [oneOf("eventType", PHASES), text("transactionInfo.transactionId")],
    event: (payload: TransactionEvent, { now }) => transactionReport(payload, now),
    // E01.FR.11 and the like: about the token, so only where there is one
    answer: ({ idToken }: TransactionEvent, { outcome }) =>
      idToken?.idToken === undefined ? {} : idTokenInfo(outcome),
  },
};

/** A part without the id of its request is only logged. */
function listPart(action: string, requestId: unknown, tbc = false, entries: readonly object[] = []) {
  if (wholeNumber(requestId) === undefined) return undefined;
  const part = { type: "listPart", requestId: requestId as number, isLast: !tbc } as const;
  return { ...part, entries: maskSecrets(action, entries) };
}

/** G01: a connector's status may be reported as an event of its AvailabilityState, too. */
function connectorStatus({ component, variable, timestamp, actualValue }: EventData, now: number) {
  const evseId = wholeNumber(component?.evse?.id) ?? 0;
  const connectorId = wholeNumber(component?.evse?.connectorId) ?? 0;
  const isStatus =
    component?.name?.toLowerCase() === "connector" && variable?.name?.toLowerCase() === "availabilitystate";
  if (!isStatus || actualValue === undefined || evseId <= 0 || connectorId <= 0) return [];
  const status = { type: "connectorStatus", evseId, connectorId, status: word(actualValue) } as const;
  return [{ ...status, ...statusTime(timestamp, now) }];
}

function transactionReport(payload: TransactionEvent, now: number) {
  const { eventType: phase, timestamp, meterValue, transactionInfo } = payload;
  const { transactionId, stoppedReason } = transactionInfo;
  const remoteStartId = wholeNumber(transactionInfo.remoteStartId);
  const idTag = payload.idToken?.idToken;
  // readings on the way are in the log, and nothing else is kept of them
  if (phase === "Updated" && idTag === undefined && remoteStartId === undefined) return undefined;
  const meter = registerWh(meterValue, phase);
  const evseId = wholeNumber(payload.evse?.id);
  return {
    type: "transactionReport",
    phase,
    transactionId,
    // the first message is the one that begins it
    seqNo: wholeNumber(payload.seqNo) ?? (phase === "Started" ? 0 : 1),
    at: eventTime(timestamp, now),
    ...(evseId !== undefined && { evseId, connectorId: wholeNumber(payload.evse?.connectorId) ?? 1 }),
    ...(idTag !== undefined && { idTag, ...typeOf(payload.idToken) }),
    ...(meter !== undefined && { meter }),
    ...(stoppedReason !== undefined && stopReason(stoppedReason, REASONS)),
    ...(remoteStartId !== undefined && { remoteStartId }),
    ...(phase === "Started" && { begin: JSON.stringify([timestamp, payload.seqNo, remoteStartId ?? null]) }),
  } as const;
}
