import { dialectOf } from "../dialects/dialects.ts";
import { unmetNeeds } from "../dialects/need.ts";
import type { StationCall } from "../dialects/station-call.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { actionError, type CallError, violationError } from "../ocpp/call-errors.ts";
import type { CallFrame } from "../ocpp/frame.ts";
import { payloadSchema, validatePayload } from "../ocpp/schemas.ts";
import { readAs } from "../schema/read.ts";
import type { Violation } from "../schema/validate.ts";

/** A CALL whose effect can be read, and where it deviates from its schema all the same. */
export interface Understood {
  readonly row: StationCall;
  readonly payload: object;
  readonly violations: readonly Violation[];
}

/** Why a CALL gets a CALLERROR. */
export interface Refused {
  readonly error: CallError;
  readonly violations: readonly Violation[];
}

/**
 * Reads what a station's CALL means. It is refused where the version has no such action, and where its effect cannot
 * be read; in a strict network, where it breaks its schema.
 */
export async function understand(
  { protocol, stationMessages }: Speaker,
  { action, payload }: CallFrame,
): Promise<Understood | Refused> {
  const error = actionError(protocol, action);
  if (error) return { error, violations: [] };
  const { stationCalls } = await dialectOf(protocol);
  const row = stationCalls[action];
  if (!row) throw new Error(`${protocol} has no answer to ${action}`);
  const violations = await validatePayload(protocol, action, "request", payload);
  if (violations.length === 0) return { row, payload: payload as object, violations };
  if (stationMessages === "strict") return { error: violationError(protocol, violations), violations };
  const isObject = typeof payload === "object" && payload !== null;
  const adapted = isObject && row.adapt ? row.adapt(payload) : payload;
  const unmet = unmetNeeds(row.needs ?? [], adapted);
  if (unmet.length > 0) return refusedFor(protocol, unmet, violations);
  const schema = await payloadSchema(protocol, action, "request");
  return { row, payload: (readAs(schema, adapted) ?? {}) as object, violations };
}

/** The violations that decide come first; each place is listed once. */
function refusedFor(
  protocol: Speaker["protocol"],
  unmet: readonly Violation[],
  violations: readonly Violation[],
): Refused {
  const places = new Set(unmet.map(({ pointer }) => pointer));
  const others = violations.filter(({ pointer }) => !places.has(pointer));
  return { error: violationError(protocol, unmet), violations: [...unmet, ...others] };
}

/**
 * The CALLERROR for a CALL whose answer would repeat invalid members of the CALL. Unknown members are not repeated
 * and cause no error.
 */
export async function refusedRepetition(
  { protocol }: Speaker,
  { action }: CallFrame,
  { row, violations }: Understood,
  answer: object,
): Promise<Refused | undefined> {
  if (!row.repeats || violations.length === 0) return undefined;
  const faults = await validatePayload(protocol, action, "response", answer);
  if (faults.length === 0) return undefined;
  const decisive = violations.filter(({ keyword }) => keyword !== "additionalProperties");
  return { error: violationError(protocol, decisive.length > 0 ? decisive : faults), violations };
}
