import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const script = new URL("../.ci/run", import.meta.url);

/** Ends with the given code, and leaves the reports that tests would leave. */
const npm = `#!/bin/sh
report() { echo "{\\"testResults\\":[],\\"numPassedTests\\":$2,\\"numFailedTests\\":0}" > "reports/$1.json"; }
case "$*" in
  test) if [ "$TESTS" ]; then echo "$TESTS" > reports/vitest.json; exit 1; fi; report vitest 3 ;;
  *test:dynamodb-local) [ "$DYNAMODB_LOCAL" = 0 ] && report vitest-dynamodb-local 2; exit "$DYNAMODB_LOCAL" ;;
  *test:console) report vitest-console 0 ;;
  *lint:template|*test:ministack) exit "$LINT" ;;
esac
`;

/** @returns how .ci/run ends where the steps that need Java, and those that need Python, end so */
function run(steps: { dynamodbLocal: number; lint: number; tests?: object }, required?: string) {
  const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of [".ci", "bin", "reports"]) mkdirSync(join(folder, name));
  copyFileSync(script, join(folder, ".ci", "run"));
  writeFileSync(join(folder, "bin", "npm"), npm);
  chmodSync(join(folder, "bin", "npm"), 0o755);
  const { status, stdout } = spawnSync("bash", [join(folder, ".ci", "run")], {
    encoding: "utf8",
    env: {
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
      DYNAMODB_LOCAL: String(steps.dynamodbLocal),
      LINT: String(steps.lint),
      TESTS: steps.tests === undefined ? "" : JSON.stringify(steps.tests),
      ...(required !== undefined && { REQUIRE_ALL: required }),
    },
  });
  const lines = stdout.trim().split("\n");
  return { status, skipped: lines.filter((line) => line.startsWith("skipped:")), last: lines.at(-1), stdout };
}

describe(".ci/run", () => {
  it("passes where every step does, whatever is required", () => {
    for (const required of [undefined, "1"]) {
      const all = { status: 0, skipped: [], last: "tests: 5 passed, 0 failed" };

      expect(run({ dynamodbLocal: 0, lint: 0 }, required)).toMatchObject(all);
    }
  });

  it.each([
    ["is not on this machine", 69, /: needs /],
    ["could not be fetched", 75, /: could not be fetched: /],
  ])("leaves a step out, and says so, whose tool %s", (_, code, reason) => {
    const { status, skipped, last } = run({ dynamodbLocal: code, lint: code });

    expect(status).toBe(0);
    expect(skipped).toEqual(Array(3).fill(expect.stringMatching(reason)));
    expect(last).toBe("tests: 3 passed, 0 failed");
  });

  it.each([69, 75])("leaves none out with REQUIRE_ALL=1: %i is a failure", (code) => {
    expect(run({ dynamodbLocal: 0, lint: code }, "1")).toMatchObject({ status: 1, skipped: [] });
    expect(run({ dynamodbLocal: code, lint: 0 }, "1")).toMatchObject({
      status: 1,
      skipped: [],
      last: "tests: 3 passed, 1 failed",
    });
  });

  it("fails where such a step does", () => {
    expect(run({ dynamodbLocal: 0, lint: 1 })).toMatchObject({ status: 1, skipped: [] });
    expect(run({ dynamodbLocal: 1, lint: 0 })).toMatchObject({
      status: 1,
      last: "tests: 3 passed, 1 failed",
    });
  });

  it("repeats at its end which steps and tests failed, also at first only, and why", () => {
    const tests = {
      numPassedTests: 2,
      numFailedTests: 1,
      testResults: [
        {
          name: "a.test.ts",
          status: "failed",
          assertionResults: [
            { status: "passed", fullName: "a works", failureMessages: [] },
            { status: "passed", fullName: "a works in the end", failureMessages: ["timed out"] },
            { status: "failed", fullName: "a breaks", failureMessages: ["expected 1 to be 2"] },
          ],
        },
        { name: "b.test.ts", status: "failed", message: "Cannot find module", assertionResults: [] },
      ],
    };

    const { status, stdout } = run({ dynamodbLocal: 69, lint: 1, tests });

    expect(status).toBe(1);
    expect(stdout.slice(stdout.indexOf("=== npm test failed"))).toBe(
      [
        "=== npm test failed",
        ...["lint:template", "test:ministack"].map((name) => `=== npm run --silent ${name} failed`),
        "passed when repeated: a.test.ts: a works in the end\ntimed out\n",
        "failed: a.test.ts: a breaks\nexpected 1 to be 2\n",
        "failed: b.test.ts\nCannot find module\n",
        "tests: 2 passed, 2 failed\n",
      ].join("\n"),
    );
  });
});
