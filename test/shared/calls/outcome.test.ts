import { describe, expect, it } from "vitest";
import { problemOf } from "../../../shared/calls/outcome.ts";
import type { OutgoingItem } from "../../../shared/store/items.ts";

const answered = {
  commandId: "c",
  ocppMessageId: "c",
  cpId: "cp",
  action: "Reset",
  state: "answered",
  requestedAtMs: 0,
  deadlineMs: 25_000,
} as unknown as OutgoingItem;

describe("problemOf", () => {
  it("lists violations of an answer by pointer and detail alone, as the OpenAPI document describes", () => {
    const violation = { pointer: "/status", detail: "is required", keyword: "required" };

    const problem = problemOf({ ...answered, violations: [violation] } as OutgoingItem, 1_000);

    expect(problem?.slug).toBe("invalid-station-answer");
    expect(problem?.members).toMatchObject({ errors: [{ pointer: "/status", detail: "is required" }] });
    expect(JSON.stringify(problem?.members)).not.toContain("keyword");
  });
});
