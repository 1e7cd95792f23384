import type { Protocol } from "../../ocpp/protocols.ts";
import { Problem } from "../../problems.ts";
import type { RateItem } from "../../store/items.ts";
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

/** Makes of a station's CALLERROR that it does not know the message; all else is the caller's to hear. */
export async function unlessUnknown<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Problem && error.slug === "station-call-error") {
      const { errorCode } = error.members;
      if (errorCode === "NotImplemented" || errorCode === "NotSupported") return undefined;
    }
    throw error;
  }
}
