import { describe, expect, it } from "vitest";
import { fittingJson } from "../../../shared/events/fit.ts";

const LIMIT = 240 * 1024;

describe("fittingJson", () => {
  it("leaves a small content as it is", () => {
    const data = { eventId: "1", boot: { vendor: "V\\ud83d", text: 'a "b" \n \u0001 🔌' } };
    expect(JSON.parse(fittingJson(data))).toEqual(data);
  });

  it("leaves out the largest member of a content over 240 KB, and names it", () => {
    const json = fittingJson({ eventId: "1", boot: { a: "x".repeat(LIMIT) }, small: "kept" });
    expect(JSON.parse(json)).toEqual({ eventId: "1", small: "kept", truncated: ["boot"] });
  });

  it("cuts a text instead of leaving it out", () => {
    const json = fittingJson({ eventId: "1", techInfo: "é".repeat(LIMIT / 2) });
    expect(JSON.parse(json)).toEqual({
      eventId: "1",
      techInfo: "é".repeat(1000),
      truncated: ["techInfo"],
    });
  });

  it("goes on until the content fits, whatever it is made of", () => {
    const texts = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`m${n}`, "\u0001".repeat(5000)]));
    const json = fittingJson({ ...texts, list: Array.from({ length: 60_000 }, () => 1e20) });
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(LIMIT);
    expect(JSON.parse(json).truncated).toContain("list");
  });

  it("replaces half characters, in names and in texts, and no others", () => {
    const json = fittingJson({ text: "a\ud800b\\ud800 \udfff", "\udc00": { nested: ["🔌\ud83d"] } });
    expect(JSON.parse(json)).toEqual({ text: "a\ufffdb\\ud800 \ufffd", "\ufffd": { nested: ["🔌\ufffd"] } });
    expect(json.isWellFormed() && !/(?<!\\)\\ud[89a-f]/.test(json)).toBe(true);
  });
});
