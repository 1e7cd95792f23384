import { utc } from "../../schema/date-time.ts";
import type { DisplayMessage } from "../display-message.ts";
import { given } from "./given.ts";

/** MessageInfoType, as far as it has a neutral form; a station may leave out what its schema demands. */
export interface MessageInfo {
  readonly id?: number;
  readonly priority?: string;
  readonly state?: string;
  readonly startDateTime?: string;
  readonly endDateTime?: string;
  readonly transactionId?: string;
  readonly message?: { readonly format?: string; readonly language?: string; readonly content?: string };
}

/** MessageInfoType of 2.0.1 and 2.1. */
export function messageInfoOf(message: DisplayMessage, id: number): MessageInfo {
  const { priority, state, startAt, endAt, transactionId, content, format, language } = message;
  return {
    id,
    priority,
    ...(state !== undefined && { state }),
    ...(startAt !== undefined && { startDateTime: utc(startAt) }),
    ...(endAt !== undefined && { endDateTime: utc(endAt) }),
    ...(transactionId !== undefined && { transactionId }),
    message: { format, ...(language !== undefined && { language }), content },
  };
}

/** A message as a station reported it, in the neutral form. */
export function displayMessageOf(info: MessageInfo): Partial<Record<keyof DisplayMessage, unknown>> {
  const { id, priority, state, startDateTime, endDateTime, transactionId, message = {} } = info;
  const { content, format, language } = message;
  const members = {
    messageId: id,
    priority,
    state,
    startAt: startDateTime,
    endAt: endDateTime,
    transactionId,
  };
  return given({ ...members, content, format, language });
}
