import type { ChargingProfile } from "../dialects/charging-profile.ts";
import { connectorUuidOf } from "../ids.ts";
import type { ProblemDetails } from "../problems.ts";
import type { AttemptItem, AttemptState, RequestedBy } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";
import { iso } from "../time.ts";

/** An attempt as API consumers read it. */
export interface AttemptResource {
  readonly id: string;
  readonly cpId: string;
  readonly connectorUuid?: string;
  readonly idTag: string;
  readonly idTokenType?: string;
  readonly groupIdTag?: string;
  readonly chargingProfile?: ChargingProfile;
  readonly validUntil: string;
  readonly stopMinutes?: number;
  readonly state: AttemptState;
  readonly stationStatus?: string;
  readonly transactionId?: string;
  readonly createdAt: string;
  readonly sentAt?: string;
  readonly answeredAt?: string;
  readonly startedAt?: string;
  readonly stopDueAt?: string;
  readonly stoppedAt?: string;
  readonly requestedBy?: RequestedBy;
  readonly problem?: ProblemDetails;
  readonly history: readonly { readonly state: AttemptState; readonly at: string }[];
}

export function attemptResource(attempt: AttemptItem): AttemptResource {
  const { attemptId, cpId, evseId, connectorId, idTag, idTokenType, validUntilMs, stopMinutes } = attempt;
  const { state, stationStatus, transactionId, createdAtMs, sentAtMs, answeredAtMs } = attempt;
  const {
    groupIdTag,
    chargingProfile,
    requestedBy,
    startedAtMs,
    stopDueAtMs,
    stoppedAtMs,
    problem,
    history,
  } = attempt;
  const isPlaced = evseId !== undefined && connectorId !== undefined;
  return {
    id: attemptId,
    cpId,
    ...(isPlaced && { connectorUuid: connectorUuidOf(cpId, evseId, connectorId) }),
    idTag,
    ...(idTokenType !== undefined && { idTokenType }),
    ...(groupIdTag !== undefined && { groupIdTag }),
    ...(chargingProfile !== undefined && { chargingProfile: payloadOf<ChargingProfile>(chargingProfile) }),
    validUntil: iso(validUntilMs),
    ...(stopMinutes !== undefined && { stopMinutes }),
    state,
    ...(stationStatus !== undefined && { stationStatus }),
    ...(transactionId !== undefined && { transactionId }),
    createdAt: iso(createdAtMs),
    ...(sentAtMs !== undefined && { sentAt: iso(sentAtMs) }),
    ...(answeredAtMs !== undefined && { answeredAt: iso(answeredAtMs) }),
    ...(startedAtMs !== undefined && { startedAt: iso(startedAtMs) }),
    ...(stopDueAtMs !== undefined && { stopDueAt: iso(stopDueAtMs) }),
    ...(stoppedAtMs !== undefined && { stoppedAt: iso(stoppedAtMs) }),
    ...(requestedBy && { requestedBy }),
    ...(problem && { problem: typeof problem === "string" ? payloadOf<ProblemDetails>(problem) : problem }),
    history: history.map(({ state, atMs }) => ({ state, at: iso(atMs) })),
  };
}
