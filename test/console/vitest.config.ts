import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:console`: the built console in a real browser, on the local stack. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/console/**/*.console.ts"],
    globalSetup: "test/console/support/setup.ts",
    reporters: ["default", ["json", { outputFile: "reports/vitest-console.json" }]],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // One browser and one stack for all files. Two at a time: while one waits for an answer, the other works.
    maxWorkers: 2,
    retry: process.env.CI ? 1 : 0,
    env: { POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true" },
  },
});
