/** `npm run test:rights`, after `npm test`: fails on a right that no end-to-end test used. */
import { existsSync, readFileSync } from "node:fs";
import { RIGHTS_REPORT } from "../support/rights-report.ts";
import { type Accepted, findUnused } from "./unused.ts";

const afterRefusedWrite = "reads an item if DynamoDB refuses a write and does not return the item";
const seldom = "no end-to-end test takes the path that needs it";

const accepted: readonly Accepted[] = [
  { role: "station-authorize", right: "dynamodb:GetItem", because: afterRefusedWrite },
  { role: "station-connect", right: "dynamodb:GetItem", because: afterRefusedWrite },
  { role: "events-publish", right: "dynamodb:GetItem", because: seldom },
  { role: "api-asynchronous", right: "dynamodb:BatchGetItem", because: seldom },
  {
    role: "api-rates",
    right: "dynamodb:Query",
    because: "shares the path of reports, which no rate display asks for",
  },
  {
    role: "api-raw",
    right: "dynamodb:Query",
    because: "shares the path of reports, which no raw request waits for",
  },
  {
    role: "api-stations",
    right: "execute-api:ManageConnections",
    because: "looks at connections after ten silent minutes",
  },
  { role: "api-rates", right: "dynamodb:BatchGetItem", because: seldom },
  { role: "bulk-run", right: "dynamodb:BatchGetItem", because: seldom },
  {
    role: "bulk-run",
    right: "dynamodb:Query",
    because: "shares the path of reports, which no bulk command waits for",
  },
  {
    role: "bulk-run",
    right: "lambda:InvokeFunction",
    because: "hands a command on only after a fault",
  },
  { role: "attempt-expiry", right: "scheduler:DeleteSchedule", because: seldom },
  {
    role: "background-command",
    right: "lambda:InvokeFunction",
    because: "hands a command on only after a fault",
  },
  // Scheduler's role, by its logical id.
  {
    role: "scheduler, attempttimersRoleEB178FBF",
    right: "sqs:SendMessage",
    because: "takes the events of timers that could not be started, which are always started here",
  },
];

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
