import { isUnusable, problemOf } from "../calls/outcome.ts";
import { rawRequest } from "../commands/raw-request/command.ts";
import { remoteStart } from "../commands/remote-start/command.ts";
import { remoteStop } from "../commands/remote-stop/command.ts";
import { forgetStart } from "../stations/raw-starts.ts";
import type { OutgoingItem, TransactionItem } from "../store/items.ts";
import { transactionKey } from "../store/keys.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import { startAnnounced, startEarly } from "./announced.ts";
import type { AttemptEvent } from "./attempt.ts";
import { type AttemptDeps, apply } from "./store.ts";
import { endUnknown } from "./unknown-charge.ts";

/** Applies the answer to a start or stop CALL to its attempt, whether a request waits or not. */
export async function applyToAttempt(deps: AttemptDeps, exchange: OutgoingItem): Promise<void> {
  if (exchange.command === remoteStart.name) {
    const event = startAnswerOf(exchange);
    const attempt = event && (await apply(deps, exchange.commandId, event)).attempt;
    if (event?.type === "answered") await startAnnounced(deps, exchange);
    if (event) await startEarly(deps, attempt, event.atMs);
  }
  if (exchange.command === remoteStop.name) await applyToStop(deps, exchange);
  if (exchange.command === rawRequest.name) await forgetRefused(deps, exchange);
}

/** A remote start by raw request that the station refuses authorizes its token no more. */
async function forgetRefused({ table }: AttemptDeps, exchange: OutgoingItem): Promise<void> {
  const event = startAnswerOf(exchange);
  if (!event || (event.type === "answered" && event.status === "Accepted")) return;
  const { cpId, ocppMessageId: messageId, requestedAtMs, action, request } = exchange;
  await forgetStart(table, cpId, { messageId, requestedAtMs, action, payload: payloadOf(request) });
}

/** Undefined for what is no usable answer. */
export function startAnswerOf(exchange: OutgoingItem): AttemptEvent | undefined {
  const { state, answeredAtMs: atMs } = exchange;
  if (atMs === undefined || isUnusable(exchange)) return undefined;
  const problem = problemOf(exchange, atMs);
  if (state === "callError" && problem) return { type: "callError", problem: problem.toDetails(), atMs };
  return { type: "answered", status: statusOf(exchange), atMs };
}

/** A stop CALL names the transaction, for every kind of request. */
async function applyToStop(deps: AttemptDeps, exchange: OutgoingItem): Promise<void> {
  const { cpId, request, requestedAtMs, sentAtMs = requestedAtMs, answeredAtMs: atMs } = exchange;
  const { transactionId } = payloadOf<{ transactionId: number | string }>(request);
  if (atMs === undefined) return;
  const problem = problemOf(exchange, atMs)?.toDetails();
  const status = problem ? "Rejected" : statusOf(exchange);
  const transaction = await deps.table.get<TransactionItem>(transactionKey(cpId, String(transactionId)));
  if (transaction && status === "Rejected" && !problem) await endUnknown(deps, transaction, exchange, atMs);
  const attemptId = transaction?.remoteStartAttemptId;
  if (attemptId === undefined) return;
  await apply(deps, attemptId, { type: "stopAnswered", status, sentAtMs, atMs, ...(problem && { problem }) });
}

const statusOf = ({ response }: OutgoingItem): string =>
  payloadOf<{ status: string }>(response as PayloadText).status;
