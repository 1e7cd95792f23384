import { Stack } from "aws-cdk-lib";
import { CfnQueryDefinition, type ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** By name: docs/operations.md and docs/runbook.md use them. `…` stands for an id to be filled in. */
const queries = {
  command:
    'filter commandId = "…"\n| fields @timestamp, @log, message, operation, status, problem, action, state, outcome\n| sort @timestamp',
  attempt:
    'filter attemptId = "…"\n| fields @timestamp, @log, message, from, state, commandId, ocppMessageId, outcome\n| sort @timestamp',
  station:
    'filter cpId = "…"\n| fields @timestamp, @log, message, route, status, connectionId, commandId\n| sort @timestamp',
  errors:
    'filter level = "ERROR" or type like /^platform/ or @message like /Task timed out|Runtime exited/\n| fields @timestamp, @log, message, error.name, error.message, type, record.status, record.errorType, record.requestId, requestId, commandId, cpId, connectionId\n| sort @timestamp desc\n| limit 50',
  requests:
    'filter message = "request"\n| stats count(*) as n, pct(durationMs, 50) as p50, pct(durationMs, 99) as p99 by operation, problem\n| sort n desc',
  outcomes:
    "filter ispresent(outcome)\n| stats count(*) as n, count_distinct(cpId) as stations by command, outcome\n| sort n desc",
  refusals:
    "filter message like /^refused/\n| stats count(*) as n, count_distinct(identity) as identities, count_distinct(source) as sources by refusal\n| sort n desc",
} as const;

/** Questions to all of the stack's logs at once, in Logs Insights under the stack's name. They cost nothing. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroups }: { logGroups: readonly ILogGroup[] }) {
    super(scope, id);
    for (const [name, queryString] of Object.entries(queries)) {
      new CfnQueryDefinition(this, name, {
        name: `${Stack.of(this).stackName}/${name}`,
        queryString,
        logGroupNames: logGroups.map(({ logGroupName }) => logGroupName),
      });
    }
  }
}
