import type { TokenItem, TokenStatus } from "../store/items.ts";

/** Whether a token may charge, with what a station may store about it. */
export interface Authorization {
  /** `Unknown`: not in the list. */
  readonly status: TokenStatus | "Unknown";
  /** Until when this holds, ISO 8601 in UTC. */
  readonly expiresAt?: string;
  /** Tokens of one group may stop each other's charges. */
  readonly groupId?: string;
}

export const ACCEPTED: Authorization = { status: "Accepted" };

/** A token as a station presents it. */
export interface PresentedToken {
  readonly idTag: string;
  /** OCPP 2.x, where the message names it. */
  readonly type?: string | undefined;
}

/**
 * What the list states about a token. A token that is listed with a type is another one with another type: digits that are
 * typed on a keypad (`KeyCode`) must not pass for a card of that number. OCPP 1.6 names no type.
 */
export function listedAuthorization(
  listed: TokenItem | undefined,
  { type }: Pick<PresentedToken, "type">,
  now: number,
): Authorization {
  if (!listed || isOtherType(listed.type, type)) return { status: "Unknown" };
  const { status, validUntil, groupId } = listed;
  const isOver = validUntil !== undefined && Date.parse(validUntil) <= now;
  return {
    status: status === "Accepted" && isOver ? "Expired" : status,
    ...(validUntil !== undefined && !isOver && { expiresAt: validUntil }),
    ...(groupId !== undefined && { groupId }),
  };
}

const isOtherType = (listed: string | undefined, presented: string | undefined): boolean =>
  listed !== undefined && presented !== undefined && listed.toLowerCase() !== presented.toLowerCase();
