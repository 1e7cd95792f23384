import type { GoesOn, Session } from "./session.ts";

/** The answer of a command that returns only the station's status. */
export interface StatusOutput {
  readonly ocppMessageId: string;
  /** Absent for a legacy station. */
  readonly status?: string;
}

/** Sends one CALL whose answer is a status. */
export async function sendForStatus(
  session: Session,
  action: string,
  payload: object,
  goesOn?: GoesOn,
): Promise<StatusOutput> {
  const { ocppMessageId, payload: answer } = await session.call(action, payload, goesOn);
  return { ocppMessageId, ...(answer && { status: answer.status as string }) };
}

/** Whether the station made the change; `RebootRequired` takes effect at the next boot. */
export const isAccepted = (status: string | undefined): boolean =>
  status === "Accepted" || status === "RebootRequired";
