import type { Protocol } from "../../ocpp/protocols.ts";
import { Problem } from "../../problems.ts";
import type { RateItem } from "../../store/items.ts";
import type { StatusOutput } from "../answers.ts";
import type { CommandRow } from "../command.ts";
import type { Session } from "../session.ts";

export interface SyncRateInput {
  readonly rate: RateItem;
}

export interface RateDisplayOutput {
  readonly ocppMessageId: string;
  readonly connection: { readonly connectionId: string; readonly protocol: Protocol };
  /** The station's answer: `Accepted`, or its refusal. */
  readonly status?: string;
}

/** How one version shows a rate and takes it off the display. */
export interface RateDisplayRows {
  readonly syncRate: CommandRow<SyncRateInput, RateDisplayOutput>;
  readonly disableRate: CommandRow<object, RateDisplayOutput>;
}

export const connectionOf = ({ station, protocol }: Session): RateDisplayOutput["connection"] => ({
  connectionId: station.connection.connectionId,
  protocol,
});

/** The CALLERROR of a station that does not know a message, as a refusal; undefined for all else. */
function unknownMessage(error: unknown): Required<StatusOutput> | undefined {
  if (!(error instanceof Problem) || error.slug !== "station-call-error") return undefined;
  const { errorCode, ocppMessageId } = error.members as { errorCode: string; ocppMessageId: string };
  const isUnknown = errorCode === "NotImplemented" || errorCode === "NotSupported";
  return isUnknown ? { ocppMessageId, status: errorCode } : undefined;
}

/** Waits for an answer; undefined if the station does not know the message. */
export async function unlessUnknown<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (unknownMessage(error)) return undefined;
    throw error;
  }
}

/** Waits for a status; a station that does not know the message refuses it. */
export async function orRefusal<Output extends StatusOutput>(
  call: Promise<Output>,
): Promise<Output | Required<StatusOutput>> {
  try {
    return await call;
  } catch (error) {
    const refusal = unknownMessage(error);
    if (refusal) return refusal;
    throw error;
  }
}
