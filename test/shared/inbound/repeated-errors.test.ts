import { describe, expect, it } from "vitest";
import { MAX_IN_A_ROW, RepeatedErrors } from "../../../shared/inbound/repeated-errors.ts";

const MINUTE_MS = 60_000;

/** Notes so many messages, a second apart. @returns the numbers, from 1 on, of those that end the connection */
function note(
  errors: RepeatedErrors,
  messages: readonly (string | undefined)[],
  { connectionId = "c", everyMs = 1_000 } = {},
): number[] {
  return messages.flatMap((error, n) => (errors.note(connectionId, error, n * everyMs) ? [n + 1] : []));
}

const times = (count: number, error: string | undefined) => Array<string | undefined>(count).fill(error);

describe("a connection", () => {
  it("is closed when it sends the same error 100 times in a row, and again after 100 more", () => {
    expect(note(new RepeatedErrors(), times(250, "CALL_ERROR -1"))).toEqual([100, 200]);
  });

  it("is left open when a message in order comes between", () => {
    const row = times(MAX_IN_A_ROW - 1, "CALL_ERROR -1");

    expect(note(new RepeatedErrors(), [...row, undefined, ...row])).toEqual([]);
  });

  it("is left open when the error changes", () => {
    const row = times(MAX_IN_A_ROW - 1, "CALL_ERROR -1");

    expect(note(new RepeatedErrors(), [...row, ...row.map(() => "unreadable")])).toEqual([]);
  });

  it("is left open when an error comes every fifteen seconds, all day", () => {
    expect(note(new RepeatedErrors(), times(5_760, "unreadable"), { everyMs: 15_000 })).toEqual([]);
  });

  it("is not charged with the errors of another", () => {
    const errors = new RepeatedErrors();
    note(errors, times(MAX_IN_A_ROW - 1, "unreadable"), { connectionId: "other" });

    expect(errors.note("c", "unreadable", MINUTE_MS)).toBe(false);
    expect(errors.note("other", "unreadable", MINUTE_MS)).toBe(true);
  });

  it("is forgotten when a thousand others have erred since", () => {
    const errors = new RepeatedErrors();
    note(errors, times(MAX_IN_A_ROW - 1, "unreadable"));
    for (let n = 0; n < 1_000; n++) errors.note(`other-${n}`, "unreadable", MINUTE_MS);

    expect(errors.note("c", "unreadable", MINUTE_MS)).toBe(false);
  });
});
