import type { StationAnswer } from "../calls/exchange.ts";
import type { CallError } from "../calls/outcome.ts";
import type { Table } from "../store/table.ts";
import { changePassword } from "./change-password.ts";
import { afterAnswer } from "./rotation.ts";

/** The command's name, on the exchanges of its CALLs. */
export const SET_PASSWORD = "set_password";

/** CALLERRORs that say that nothing was done; after any other one, it may have been. */
const NOTHING_DONE: ReadonlySet<string> = new Set([
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

/**
 * Takes in what a station answered to a CALL that gave it a password, however late. This happens where the answer
 * comes in, not where it is waited for: whoever waited may be gone.
 *
 * @param accepted whether it said that it took the password
 */
export async function passwordTold(
  table: Table,
  { cpId, messageId, messageType, response }: StationAnswer,
  accepted: boolean,
): Promise<void> {
  if (messageType === "CALL_ERROR" && !NOTHING_DONE.has((response as CallError).errorCode)) return;
  await changePassword(table, cpId, (auth) => afterAnswer(auth, messageId, accepted));
}
