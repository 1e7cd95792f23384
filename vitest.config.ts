import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Workers, the local stack's threads and the programs that tests start keep what V8 compiled: a stack starts in three
// quarters of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL(".cache/compiled", import.meta.url));

// What needs the synthesized stack: it is made once per run, and only where such a test is among those asked for.
const assembled = ["test/infra/**/*.test.ts", "test/**/*.e2e.test.ts", "test/deploy.test.ts"];

// Files that replace modules, load them anew or change the environment get a process of their own. All others share one
// per worker, which loads the SDK, the CDK and the local stack once instead of 200 times.
const alone = globSync("test/**/*.test.ts").filter(
  (file) =>
    !/^test.infra|\.e2e\.test\.ts$/.test(file) &&
    /\bvi\.(mock|stubEnv|resetModules)\(/.test(readFileSync(file, "utf8")),
);

export default defineConfig({
  test: {
    reporters: ["default", ["json", { outputFile: process.env.TEST_REPORT || "reports/vitest.json" }]],
    // The longest takes 20 s on idle cores, and three times that beside one that uses both.
    testTimeout: 120_000,
    // Stacks start in hooks; beside a test that uses both cores that can take a minute.
    hookTimeout: 120_000,
    maxWorkers: 2,
    // No test runs long enough to earn the time of V8's optimizing compiler: 16 % less processor time without it. Garbage
    // collectors of several threads are in each other's way on two busy cores: 7 % less with one.
    execArgv: ["--no-opt", "--single-threaded-gc"],
    // In CI a test that fails runs once more, and .ci/run prints why it failed the first time.
    retry: process.env.CI ? 1 : 0,
    env: { POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...assembled, ...alone],
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: {
          name: "assembled",
          include: assembled,
          globalSetup: "test/support/assembly.ts",
          isolate: false,
        },
      },
    ],
    // Asked for with `npm test -- --coverage`. What runs in an execution environment of its own is not counted.
    coverage: {
      include: ["functions/**/*.ts", "infra/**/*.ts", "local/**/*.ts", "shared/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { statements: 80, branches: 75, functions: 80, lines: 80 },
    },
  },
});
