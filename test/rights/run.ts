/** `npm run test:rights`, after `npm test`: fails on a right that no end-to-end test used. */
import { existsSync, readFileSync } from "node:fs";
import { RIGHTS_REPORT } from "../support/rights-report.ts";
import { type Accepted, findUnused } from "./unused.ts";

const accepted: readonly Accepted[] = [];

if (!existsSync(RIGHTS_REPORT)) {
  console.error("test:rights needs the report of a whole run: npm test");
  process.exit(1);
}
const lines = findUnused(JSON.parse(readFileSync(RIGHTS_REPORT, "utf8")), accepted);
for (const line of lines) console.error(line);
if (lines.length > 0) {
  console.error(
    "Take such a right out of infra/functions.ts, or write the test that uses it. A run of some files uses some rights only: npm test runs all.",
  );
  process.exit(1);
}
console.log("test:rights: each right of each role was used");
