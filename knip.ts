import type { KnipConfig } from "knip";
import { functionSpecs } from "./infra/functions.ts";

const config: KnipConfig = {
  entry: [
    ...Object.values(functionSpecs).map(({ entry }) => `${entry}!`),
    "functions/edge/*.js!",
    "infra/app.ts!",
    "infra/account/app.ts!",
    "bench/*.ts",
    "test/console/vitest.config.ts",
    "test/console/support/setup.ts",
    "test/console/*.console.ts",
    "web/*.ts",
    "web/src/main.tsx",
  ],
  project: ["{bench,functions,infra,local,shared,test}/**/*.{ts,js}", "web/**/*.{ts,tsx}"],
  // Copied beside what the generators write, and compiled there.
  ignore: ["test/generators/clients/**"],
  // What test/dynamodb-local/run.ts looks for, and does without.
  ignoreBinaries: ["java", "mvn"],
  // An interface beside the function that takes it is documentation, wherever it is used.
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;
