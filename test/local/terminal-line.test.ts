import { describe, expect, it } from "vitest";
import { terminalLines } from "../../local/terminal-line.ts";

const line = (entry: object) =>
  `${JSON.stringify({ timestamp: "2026-11-21T06:27:16Z", service: "s", ...entry })}\n`;
const ofFunction = (text: string) => terminalLines({ functionId: "message", source: "function", text });
const ofPlatform = (text: string) => terminalLines({ functionId: "authorize", source: "platform", text });

describe("what the terminal shows of functions' logs", () => {
  it("are warnings and errors with what they are about", () => {
    const refused = line({ level: "WARN", message: "refused", identity: "CP7", refusal: "wrongPassword" });
    const failed = line({
      level: "ERROR",
      message: "failed",
      error: { name: "E", message: "no table", stack: "…" },
    });

    expect(ofFunction(line({ level: "INFO", message: "request" }) + refused + failed)).toBe(
      "message: refused identity=CP7 refusal=wrongPassword\nmessage: failed error=no table\n",
    );
  });

  it("is nothing of metrics, empty lines and text", () => {
    expect(ofFunction(`${line({ _aws: {} })}\nplain text\n"a string"\nnull\n`)).toBe("");
  });

  it("is what Lambda says of a crash, but not an authorizer's 401", () => {
    const timedOut = "Task timed out after 10.00 seconds\n";

    expect(ofPlatform(timedOut)).toBe(`authorize: ${timedOut}`);
    expect(ofPlatform(line({ errorType: "Error", errorMessage: "Unauthorized" }))).toBe("");
    expect(ofPlatform(line({ errorType: "Error", errorMessage: "boom" }))).toContain("boom");
  });

  it("shows values that are no texts as JSON", () => {
    expect(ofFunction(line({ level: "WARN", message: "odd", n: 3, list: [1], none: null }))).toBe(
      "message: odd n=3 list=[1] none=null\n",
    );
  });
});
