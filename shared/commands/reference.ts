import { readExchange } from "../calls/exchange.ts";
import { inOrder, statusOfWork } from "../calls/work-status.ts";
import type { Reader } from "../networks/reader.ts";
import { notFound, type ProblemDetails } from "../problems.ts";
import { parseDateTime } from "../schema/date-time.ts";
import { type PayloadText, payloadOf } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import { iso } from "../time.ts";
import { type CommandResource, readCommand } from "./resource.ts";

/** An asynchronous command, as its own status route returns it. */
export interface ReferenceResource {
  readonly referenceId: string;
  readonly status: "Pending" | "Accepted" | "Rejected" | "Failed" | "TimedOut";
  readonly ocppMessageId: string;
  readonly requestedAt: string;
  readonly answeredAt?: string;
  readonly problem?: ProblemDetails;
}

/**
 * Reads a command of that name by its reference.
 *
 * @param cpId the station that it must belong to, if one is given
 * @throws Problem `not-found`
 */
export async function readReference(
  table: Table,
  referenceId: string,
  about: { readonly command: string; readonly cpId?: string; readonly reader: Reader },
  now: number,
): Promise<ReferenceResource> {
  const command = await readCommand(table, referenceId, about.reader, now);
  if (command.command !== about.command || (about.cpId ?? command.cpId) !== command.cpId)
    throw notFound("reference");
  const [call] = command.calls;
  return {
    referenceId,
    status: statusOf(command),
    ocppMessageId: call?.ocppMessageId ?? referenceId,
    requestedAt: command.requestedAt,
    ...(call?.answeredAt !== undefined && { answeredAt: call.answeredAt }),
    ...(command.problem && { problem: command.problem }),
  };
}

/** A command whose work goes on after the station's answer, as its own status route returns it. */
export interface WorkResource extends Omit<ReferenceResource, "status"> {
  /** The station's word; `Pending`, `Failed`, `TimedOut` and `Stalled` are the relay's. */
  readonly status: string;
  readonly fileName?: string;
  readonly firmwareVersion?: string;
  readonly history: readonly { readonly status: string; readonly at: string }[];
}

/** Reads a command whose work goes on. @throws Problem `not-found` */
export async function readWork(
  table: Table,
  referenceId: string,
  about: { readonly command: string; readonly cpId: string; readonly reader: Reader },
  now: number,
): Promise<WorkResource> {
  const reference = await readReference(table, referenceId, about, now);
  const exchange = await readExchange(table, about.cpId, referenceId);
  if (!exchange) throw notFound("reference");
  const { workHistory = [], workNewsAtMs, bootedFirmware, requestedAtMs } = exchange;
  const answer = exchange.response === undefined ? {} : membersOf(payloadOf(exchange.response));
  // OCPP 1.6 answers GetDiagnostics by the name of the file, or by none if there is nothing to upload
  const fileName = exchange.action === "GetDiagnostics" ? answer.fileName : answer.filename;
  const answered = reference.status === "Rejected" ? wordOf(exchange.action, answer) : reference.status;
  const since = workNewsAtMs ?? exchange.answeredAtMs ?? requestedAtMs;
  const newsAtMs = Math.max(since, ...plannedMs(exchange.request));
  return {
    ...reference,
    status: statusOfWork(workHistory, { answered, newsAtMs, now }),
    ...(typeof fileName === "string" && fileName !== "" && { fileName }),
    ...(bootedFirmware !== undefined && { firmwareVersion: bootedFirmware }),
    history: inOrder(workHistory).map(({ status, atMs }) => ({ status, at: iso(atMs) })),
  };
}

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null ? (value as Members) : {};

/** The answer of the station as a word; the answers of OCPP 1.6 without a status are an acceptance. */
function wordOf(action: string, { status, fileName }: Members): string {
  if (typeof status === "string") return status;
  return action === "GetDiagnostics" && !fileName ? "Rejected" : "Accepted";
}

/** When the station was asked to download and to install: it is silent until then. */
function plannedMs(request: PayloadText): number[] {
  const { retrieveDate, firmware } = membersOf(payloadOf(request));
  const { retrieveDateTime, installDateTime } = membersOf(firmware);
  return [retrieveDate, retrieveDateTime, installDateTime].flatMap((at) =>
    typeof at === "string" ? (parseDateTime(at) ?? []) : [],
  );
}

function statusOf({ state, problem, calls }: CommandResource): ReferenceResource["status"] {
  switch (state) {
    case "queued":
    case "sent":
      return "Pending";
    case "timedOut":
      return "TimedOut";
    case "answered": {
      if (problem) return "Failed";
      const { status } = (calls[0]?.response ?? {}) as { status?: unknown };
      return status === "Accepted" ? "Accepted" : "Rejected";
    }
    default:
      return "Failed";
  }
}
