import { describe, expect, it } from "vitest";
import { parsePrefer } from "../../../shared/http/prefer.ts";

describe("parsePrefer", () => {
  it.each([
    ["wait=10", { respondAsync: false, waitSeconds: 10 }],
    ["respond-async", { respondAsync: true }],
    ["respond-async, wait=5", { respondAsync: true, waitSeconds: 5 }],
    ["Respond-Async,WAIT = 5", { respondAsync: true, waitSeconds: 5 }],
    ['wait="7"', { respondAsync: false, waitSeconds: 7 }],
    ["wait=7; strict, handling=lenient", { respondAsync: false, waitSeconds: 7 }],
    ["wait=0", { respondAsync: false, waitSeconds: 0 }],
    ["wait=3, wait=9", { respondAsync: false, waitSeconds: 3 }],
    ['foo="a, wait=9", wait=2', { respondAsync: false, waitSeconds: 2 }],
    ['foo; p="x;y, respond-async"', { respondAsync: false }],
    ["return=minimal", { respondAsync: false }],
  ])("reads %s", (header, expected) => {
    expect(parsePrefer(header)).toEqual(expected);
  });

  it.each(["", undefined, "wait", "wait=", "wait=-1", "wait=1.5", "wait=soon", "wait=10 s", ",,;=", '"'])(
    "prefers nothing for %j",
    (header) => {
      expect(parsePrefer(header)).toEqual({ respondAsync: false });
    },
  );
});
