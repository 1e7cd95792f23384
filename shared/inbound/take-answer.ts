import { applyToAttempt } from "../attempts/answered.ts";
import type { AttemptDeps } from "../attempts/store.ts";
import { type Correlated, correlate, type StationAnswer } from "../calls/exchange.ts";
import type { CallError } from "../calls/outcome.ts";
import { storeConfiguration } from "../configuration/stored.ts";
import { dialectOf } from "../dialects/dialects.ts";
import { passwordAnswered } from "../handshake/password-answer.ts";
import { PASSWORD_ACTIONS } from "../handshake/sent-password.ts";
import { leaveLaneAnswered } from "../limits/lane.ts";
import { addLogKeys } from "../logger.ts";
import { count, measure } from "../metrics.ts";
import { maskError, maskResult } from "../ocpp/mask-answer.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import { readAnswer } from "../ocpp/read-answer.ts";
import { validatePayload } from "../ocpp/schemas.ts";
import { listed } from "../schema/validate.ts";
import type { OutgoingItem } from "../store/items.ts";
import { outgoingKey } from "../store/keys.ts";
import { payloadOf } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import { noteDeviation } from "./deviations.ts";

/**
 * Processes a station's answer: completes its exchange, leaves the lane if the CALL was its head, and stores the
 * configuration and passwords that the answer confirms. Two concurrent writes, besides what is stored.
 *
 * The exchange alone decides which CALL an answer belongs to. An unknown id and a late or repeated answer leave the
 * lane of other CALLs unchanged: an entry is removed only by its own id.
 */
export async function takeAnswer(
  deps: AttemptDeps,
  protocol: Protocol,
  answer: StationAnswer,
): Promise<Correlated> {
  const { table } = deps;
  const [correlated] = await Promise.all([
    correlate(table, answer, maskOf),
    leaveLaneAnswered(table, answer.cpId, answer.messageId, answer.atMs),
  ]);
  if (correlated.outcome !== "completed") return correlated;
  const { exchange, response } = correlated;
  const masked = { ...answer, response };
  note(exchange, masked);
  const isAsItShould = masked.messageType === "CALL_ERROR" || (await keep(table, protocol, exchange, masked));
  if (!isAsItShould) return correlated;
  if (exchange.holdsSecret && PASSWORD_ACTIONS.has(exchange.action))
    await passwordAnswered(table, masked, exchange.action);
  await applyToAttempt(deps, exchange);
  return correlated;
}

/** @returns the answer to a CALL that carried a secret, as it may be kept */
async function maskOf(
  { protocol, action, request }: OutgoingItem,
  { messageType, response }: StationAnswer,
): Promise<unknown> {
  if (messageType === "CALL_ERROR") return maskError(response as CallError);
  if (!protocol) throw new Error("an exchange was sent on no connection");
  return maskResult({ protocol, action, request: payloadOf(request) }, response);
}

function note({ commandId, sentAtMs, late }: OutgoingItem, { atMs }: StationAnswer): void {
  addLogKeys({ commandId });
  if (late) count("lateAnswers");
  else if (sentAtMs !== undefined) measure("roundTrip", atMs - sentAtMs);
}

/** @returns whether what was asked for can be read in the answer */
async function keep(
  table: Table,
  protocol: Protocol,
  { action, request, holdsSecret }: OutgoingItem,
  { cpId, messageId, response, atMs, isStrict }: StationAnswer,
): Promise<boolean> {
  const { payload, violations } = await readAnswer(protocol, action, response, isStrict);
  if (violations.length > 0) {
    await Promise.all([
      table.update({
        key: outgoingKey(messageId, cpId),
        update: `SET violations = :violations${payload ? ", usable = :true" : ""}`,
        values: { ":violations": listed(violations), ...(payload && { ":true": true }) },
      }),
      noteDeviation(table, { cpId, action, violations, now: atMs }),
    ]);
  }
  if (!payload) {
    count("invalidAnswers");
    return false;
  }
  const { configurationReports } = await dialectOf(protocol);
  const reportOf = configurationReports[action];
  const asked = payloadOf<Record<string, unknown>>(request);
  // what was read is masked together with all else
  if (holdsSecret && action.startsWith("Get")) return true;
  // a raw request may go out as it should not
  if (!reportOf || (await validatePayload(protocol, action, "request", asked)).length > 0) return true;
  const report = reportOf(asked, payload);
  if (report) await storeConfiguration(table, cpId, report, atMs);
  return true;
}
