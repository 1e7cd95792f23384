import { Problem } from "../problems.ts";
import { listed } from "../schema/validate.ts";
import type { OutgoingItem } from "../store/items.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import { commandLocation } from "./location.ts";

/**
 * The state of an exchange at `now`: `sent` counts as timed out after its deadline, even if no function has stored
 * that. An announced report that has not arrived is a missing answer.
 */
export function stateOf(exchange: OutgoingItem, now: number): OutgoingItem["state"] {
  const owesReport = exchange.report === "awaited" && exchange.state === "answered" && isPromise(exchange);
  const state = owesReport ? "sent" : exchange.state;
  if (exchange.deadlineMs >= now) return state;
  if (state === "sent") return "timedOut";
  if (state === "queued") return "failed";
  return state;
}

/** Whether what was asked for is missing in the answer; violations beside it do not matter. */
export const isUnusable = ({ violations, usable }: Pick<OutgoingItem, "violations" | "usable">): boolean =>
  violations !== undefined && !usable;

/** A station that refuses a report has answered. */
const isPromise = ({ response, ...exchange }: OutgoingItem): boolean =>
  !isUnusable(exchange) && payloadOf<{ status?: unknown }>(response as PayloadText).status === "Accepted";

/** What is stored of a CALLERROR. */
export interface CallError {
  readonly errorCode: string;
  readonly errorDescription: string;
  readonly errorDetails: unknown;
}

/**
 * The problem for the API consumer if an exchange brought no usable answer; undefined while it is under way or if it
 * was answered.
 */
export function problemOf(exchange: OutgoingItem, now: number): Problem | undefined {
  const { ocppMessageId, violations } = exchange;
  switch (stateOf(exchange, now)) {
    case "callError": {
      const { errorCode, errorDescription, errorDetails } = payloadOf<CallError>(
        exchange.response as PayloadText,
      );
      return new Problem("station-call-error", `The station answered with the CALLERROR ${errorCode}.`, {
        errorCode,
        errorDescription,
        errorDetails,
        ocppMessageId,
      });
    }
    case "answered":
      return isUnusable(exchange)
        ? new Problem(
            "invalid-station-answer",
            "The station answered, but what was asked for cannot be read in its answer.",
            {
              errors: listed(violations ?? []),
              ocppMessageId,
            },
          )
        : undefined;
    case "timedOut": {
      const waitedSeconds = Math.round((exchange.deadlineMs - exchange.requestedAtMs) / 100) / 10;
      return new Problem(
        "station-timeout",
        "The station did not answer in time. Whether it executed the command is unknown. A late answer still completes the command.",
        { ocppMessageId, waitedSeconds },
        { headers: { Location: commandLocation(exchange.commandId) } },
      );
    }
    case "connectionLost":
      return new Problem(
        "connection-lost",
        "The connection closed before the station answered. Whether the station executed the command is unknown.",
        { ocppMessageId },
      );
    case "failed":
      return new Problem("internal", exchange.problem?.detail ?? "The command was never sent.");
    default:
      return undefined;
  }
}
