import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunksOf } from "../../../shared/commands/send-local-list/chunks.ts";

const entries = (count: number) => Array.from({ length: count }, (_, n) => ({ idTag: `TAG-${n}` }));

describe("the chunks of a local list", () => {
  it("hold 50 entries where the station states no limit", () => {
    expect(chunksOf(entries(120), {}).map((chunk) => chunk.length)).toEqual([50, 50, 20]);
  });

  it("are one for an empty list", () => {
    expect(chunksOf([], { entries: 1 })).toEqual([[]]);
  });

  it("contain each entry once, in order, within the limits", () => {
    const sizes = fc.array(fc.nat(400), { maxLength: 60 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 300, max: 3000 }),
        (all, most, bytes) => {
          const list = all.map((size, n) => ({ n, idTag: "x".repeat(size) }));

          const chunks = chunksOf(list, { entries: most, bytes });

          expect(chunks.flat()).toEqual(list);
          for (const chunk of chunks) {
            expect(chunk.length).toBeLessThanOrEqual(most);
            const frame = JSON.stringify([
              2,
              "x".repeat(36),
              "SendLocalList",
              { localAuthorizationList: chunk },
            ]);
            if (chunk.length > 1) expect(frame.length).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });
});
