import { describe, expect, it } from "vitest";
import { mergeReports } from "../support/rights-report.ts";
import { findUnused } from "./unused.ts";

describe("the report of a run", () => {
  it("takes a right for used where one of its stacks used it", () => {
    const merged = mergeReports([
      { a: { used: ["s:X r"], unused: ["s:Y r", "s:Z r"] } },
      { a: { used: ["s:Y r"], unused: ["s:X r", "s:Z r"] }, b: { used: [], unused: ["s:X r"] } },
    ]);

    expect(merged).toEqual({
      a: { used: ["s:X r", "s:Y r"], unused: ["s:Z r"] },
      b: { used: [], unused: ["s:X r"] },
    });
  });
});

describe("findUnused", () => {
  const report = { a: { used: ["s:X r"], unused: ["s:Y r"] } };
  const accept = (right: string) => [{ role: "a", right, because: "no local service serves it" }];

  it("names an unused right", () => {
    expect(findUnused(report, [])).toEqual(["a: unused: s:Y r"]);
  });

  it("accepts an unused right that is listed with a reason", () => {
    expect(findUnused(report, accept("s:Y"))).toEqual([]);
  });

  it("names a listed right that the role does not have", () => {
    expect(findUnused(report, [...accept("s:Y"), ...accept("s:X"), ...accept("s:Gone")])).toEqual([
      "a: accepted as unused, but not a right: s:Gone",
    ]);
  });
});
