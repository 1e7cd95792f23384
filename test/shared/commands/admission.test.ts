import { expect, it } from "vitest";
import { tooMany } from "../../../shared/commands/admission.ts";

it("tooMany sends callers back after 1, 2 or 3 s, whenever the next lease runs out", () => {
  const refused = { limit: 10, inUse: 10 };
  const seconds = Array.from({ length: 300 }, () => tooMany(refused).headers["Retry-After"]);
  expect([...new Set(seconds)].sort()).toEqual(["1", "2", "3"]);
});

it("tooMany has the RateLimit headers, whose reset is the time of Retry-After", () => {
  const { headers } = tooMany({ limit: 10, inUse: 10 });
  expect(headers).toEqual({
    "Retry-After": expect.any(String),
    "RateLimit-Policy": '"parallel";q=10;qu="concurrent-requests"',
    RateLimit: `"parallel";r=0;t=${headers["Retry-After"]}`,
  });
});
