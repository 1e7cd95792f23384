import type { Reader } from "../networks/reader.ts";
import { notFound, type ProblemDetails } from "../problems.ts";
import type { Table } from "../store/table.ts";
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
