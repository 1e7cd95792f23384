/**
 * Sends variables to an OCPP 2.x station in groups that it takes. Some stations take fewer than they state, or
 * state nothing: they answer a CALLERROR, or reject every item (TooManyElements). Nothing was done then, so
 * the group goes out again in halves, and no larger group follows.
 */

import { Problem } from "../problems.ts";

/** What a station answered about one variable. */
interface ItemResult {
  readonly attributeStatus?: string;
  readonly attributeStatusInfo?: { readonly reasonCode?: string };
}

/** Whether a command has no time left for another CALL. */
export const isOutOfTime = ({ slug }: Problem): boolean =>
  slug === "station-timeout" || slug === "station-busy";

const isTooMany = (text: unknown): boolean => /too.?many|occurr?ence/i.test(String(text ?? ""));

/** @param isKnownToRefuse whether the station has rejected a single variable, without a reason */
function rejectsSize(results: readonly ItemResult[], isKnownToRefuse: boolean): boolean {
  if (results.length < 2 || results.some(({ attributeStatus }) => attributeStatus !== "Rejected"))
    return false;
  const reasons = results.flatMap(({ attributeStatusInfo }) => attributeStatusInfo?.reasonCode ?? []);
  return reasons.length > 0 ? reasons.some(isTooMany) : !isKnownToRefuse;
}

const isSizeError = (error: unknown): boolean =>
  error instanceof Problem &&
  error.slug === "station-call-error" &&
  [error.members.errorCode, error.members.errorDescription].some(isTooMany);

export interface SizedGroups<Item, Answer> {
  /** Sends one group. @throws Problem */
  readonly send: (group: readonly Item[]) => Promise<Answer>;
  /** What the station answered, by item; empty where the answer is not awaited. */
  readonly resultsOf: (answer: Answer) => readonly ItemResult[];
  /** Called before more CALLs go out than were planned. */
  readonly expectMore: (additional: number) => Promise<void>;
}

/** What came of a part of a group: the answer that counts, or why there is none. */
export type SentPart<Item, Answer> = { readonly part: readonly Item[] } & (
  | { readonly answer: Answer }
  | { readonly problem: Problem }
);

/** Sends groups of a size that it learns. */
export class GroupSender<Item, Answer> {
  readonly #how: SizedGroups<Item, Answer>;
  #most = Number.POSITIVE_INFINITY;
  #refuses = false;

  constructor(how: SizedGroups<Item, Answer>) {
    this.#how = how;
  }

  /**
   * Sends one planned group, in parts where the station takes no more. Yields what came of each part at once, so that
   * it is not lost where a later part fails or the deadline passes.
   *
   * @throws Problem whose deadline has passed: then nothing more is sent
   */
  async *send(group: readonly Item[]): AsyncGenerator<SentPart<Item, Answer>> {
    let rest = group;
    if (group.length > this.#most) await this.#how.expectMore(Math.ceil(group.length / this.#most) - 1);
    while (rest.length > 0) {
      const part = rest.slice(0, this.#most);
      const sent = await this.#try(part);
      if (sent === undefined) {
        this.#most = Math.ceil(part.length / 2);
        await this.#how.expectMore(Math.ceil(rest.length / this.#most));
        continue;
      }
      yield { part, ...sent };
      rest = rest.slice(part.length);
    }
  }

  /** @returns undefined where the station takes no group of this size */
  async #try(part: readonly Item[]): Promise<{ answer: Answer } | { problem: Problem } | undefined> {
    try {
      const answer = await this.#how.send(part);
      const results = this.#how.resultsOf(answer);
      if (part.length > 1 && rejectsSize(results, this.#refuses)) return undefined;
      this.#refuses ||= part.length === 1 && results[0]?.attributeStatus === "Rejected";
      return { answer };
    } catch (error) {
      if (part.length > 1 && isSizeError(error)) return undefined;
      if (!(error instanceof Problem) || isOutOfTime(error)) throw error;
      return { problem: error };
    }
  }
}
