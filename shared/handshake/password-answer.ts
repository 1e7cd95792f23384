import type { StationAnswer } from "../calls/exchange.ts";
import type { CallError } from "../calls/outcome.ts";
import type { CallErrorCode } from "../ocpp/call-errors.ts";
import type { PendingPassword } from "../store/items.ts";
import type { Table } from "../store/table.ts";
import { afterAnswer } from "./password-rotation.ts";
import { isPasswordVariable } from "./sent-password.ts";
import { changePassword } from "./store-password.ts";

/** The command's name, on the exchanges of its CALLs. */
export const SET_PASSWORD = "set_password";

/** CALLERRORs after which the password is certainly unchanged; after any other one it may have changed. */
const NOTHING_DONE: ReadonlySet<string> = new Set<CallErrorCode>([
  "NotImplemented",
  "NotSupported",
  "SecurityError",
  "ProtocolError",
  "FormationViolation",
  "FormatViolation",
  "PropertyConstraintViolation",
  "OccurenceConstraintViolation",
  "OccurrenceConstraintViolation",
  "TypeConstraintViolation",
  "RpcFrameworkError",
  "MessageTypeNotSupported",
]);

const ACCEPTED: Readonly<Record<string, PendingPassword["accepted"]>> = {
  Accepted: "now",
  RebootRequired: "atBoot",
};

/**
 * Processes the answer to a CALL that set a password, however late it comes. The function that receives the answer
 * does this: the function that sent the CALL may have ended.
 *
 * @param answer valid by its schema
 */
export async function passwordAnswered(table: Table, answer: StationAnswer, action: string): Promise<void> {
  const { cpId, messageId, messageType, response } = answer;
  if (messageType === "CALL_ERROR" && !NOTHING_DONE.has((response as CallError).errorCode)) return;
  const accepted = messageType === "CALL_RESULT" ? acceptedBy(action, response) : undefined;
  await changePassword(table, cpId, (auth) => afterAnswer(auth, messageId, accepted));
}

/** A network profile's password is that of a later connection: what the station has now stays valid beside it. */
function acceptedBy(action: string, response: unknown): PendingPassword["accepted"] {
  const accepted = ACCEPTED[statusIn(response)];
  return accepted && action === "SetNetworkProfile" ? "atBoot" : accepted;
}

/** Of ChangeConfiguration (1.6) and SetNetworkProfile, or of the password among the variables of SetVariables. */
function statusIn(response: unknown): string {
  const { status, setVariableResult } = response as {
    readonly status?: string;
    readonly setVariableResult?: readonly { readonly attributeStatus: string }[];
  };
  if (status !== undefined || !Array.isArray(setVariableResult)) return status ?? "";
  const own = setVariableResult.length === 1 ? setVariableResult[0] : undefined;
  return (own ?? setVariableResult.findLast(isPasswordVariable))?.attributeStatus ?? "";
}
