import { expect, it } from "vitest";
import { tooMany } from "../../../shared/commands/admission.ts";

it("tooMany sends callers back after 1, 2 or 3 s, whenever the next lease runs out", () => {
  const refused = { admitted: false, limit: 10, inUse: 10, retryAfterMs: 30_000 } as const;
  const seconds = Array.from({ length: 300 }, () => tooMany(refused).headers["Retry-After"]);
  expect([...new Set(seconds)].sort()).toEqual(["1", "2", "3"]);
});
