/**
 * The CALLERROR codes by cause (OCPP-J 1.6 §4.2.3, OCPP 2.x part 4 §4.3). 1.6 and 2.x differ in two names, one of
 * which is a misspelling that is part of the 1.6 standard.
 */

import type { Violation } from "../schema/validate.ts";
import { hasAction, stationMaySend } from "./actions.ts";
import type { UnknownTypeFrame, UnreadableFrame } from "./frame.ts";
import type { Protocol } from "./protocols.ts";
import { versionOf } from "./versions.ts";

/** Every CALLERROR code of the versions. */
const CALL_ERROR_CODES = [
  "FormationViolation",
  "FormatViolation",
  "GenericError",
  "InternalError",
  "MessageTypeNotSupported",
  "NotImplemented",
  "NotSupported",
  "OccurenceConstraintViolation",
  "OccurrenceConstraintViolation",
  "PropertyConstraintViolation",
  "ProtocolError",
  "RpcFrameworkError",
  "SecurityError",
  "TypeConstraintViolation",
] as const;

export type CallErrorCode = (typeof CALL_ERROR_CODES)[number];

export const isErrorCode = (code: string): code is CallErrorCode =>
  (CALL_ERROR_CODES as readonly string[]).includes(code);

type Fault = "formation" | "occurrence" | "type" | "property";

/** The code of a fault in a version. */
const codeOf = (protocol: Protocol, fault: Fault): CallErrorCode =>
  ({
    ...versionOf(protocol).errorNames,
    type: "TypeConstraintViolation" as const,
    property: "PropertyConstraintViolation" as const,
  })[fault];

/** The most fundamental first: where a payload has several faults, that one names the CALLERROR. */
const gravity: readonly Fault[] = ["formation", "occurrence", "type", "property"];

export interface CallError {
  readonly code: CallErrorCode;
  readonly description: string;
}

/** The answer to a payload that breaks its schema. */
export function violationError(protocol: Protocol, violations: readonly Violation[]): CallError {
  const faults = violations.map(faultOf);
  const fault = gravity.find((candidate) => faults.includes(candidate)) ?? "formation";
  const description = violations
    .map(({ pointer, detail }) => `${pointer || "The payload"} ${detail}`)
    .join("; ");
  return { code: codeOf(protocol, fault), description };
}

function faultOf({ keyword, pointer }: Violation): Fault {
  switch (keyword) {
    case "additionalProperties":
      return "formation";
    case "required":
    case "minItems":
    case "maxItems":
      return "occurrence";
    case "type":
      return pointer === "" ? "formation" : "type";
    default:
      return "property";
  }
}

/** The answer to an action that a station of this version cannot send us; undefined if it can. */
export function actionError(protocol: Protocol, action: string): CallError | undefined {
  if (stationMaySend(protocol, action)) return undefined;
  if (hasAction(protocol, action))
    return { code: "NotSupported", description: `${action} is no CALL that a station sends.` };
  return { code: "NotImplemented", description: `${protocol} has no action of this name.` };
}

/** The answer to a message that is not one of the version's; undefined if it is to be ignored. */
export function frameError(
  protocol: Protocol,
  frame: UnknownTypeFrame | UnreadableFrame,
): CallError | undefined {
  if (frame.type === "unknownType") {
    if (frame.rawId === undefined || !versionOf(protocol).answersUnknownTypes) return undefined;
    return { code: "MessageTypeNotSupported", description: `There is no message type ${frame.messageType}.` };
  }
  // an answer is never answered, however badly it is written
  const mayBeCall = frame.messageType === undefined || frame.messageType === 2;
  if (!mayBeCall) return undefined;
  if (frame.messageType === 2 && frame.rawId !== undefined)
    return { code: codeOf(protocol, "formation"), description: frame.reason };
  if (!versionOf(protocol).answersUnreadable) return undefined;
  return { code: "RpcFrameworkError", description: frame.reason };
}
