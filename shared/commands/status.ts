import type { StatusOutput } from "./reset.ts";
import type { Session } from "./session.ts";

/** One CALL whose answer is a status. */
export async function statusOf(session: Session, action: string, payload: object): Promise<StatusOutput> {
  const { ocppMessageId, payload: answer } = await session.call(action, payload);
  return { ocppMessageId, ...(answer && { status: answer.status as string }) };
}

/** A change that takes effect at the next boot was taken, too. */
export const isTaken = (status: string | undefined): boolean =>
  status === "Accepted" || status === "RebootRequired";
