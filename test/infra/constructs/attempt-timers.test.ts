import { describe, expect, it } from "vitest";
import { type FunctionSpec, functionIds, functionSpecs } from "../../../infra/functions.ts";
import { resourceOf, resourcesOf, statementsOf, templateOf } from "../../support/stack.ts";

const template = templateOf();
const role = resourceOf(template, "AWS::IAM::Role", "attempt-timers");
const roleId = Object.keys(resourcesOf(template, "AWS::IAM::Role")).find((id) =>
  id.startsWith("attempttimers"),
);
const environmentOf = (id: string) =>
  resourceOf(template, "AWS::Lambda::Function", id).Properties.Environment.Variables;

describe("the timers of attempts", () => {
  it("are schedules of a group of their own", () => {
    template.hasResourceProperties("AWS::Scheduler::ScheduleGroup", { Name: "ocpp-relay-test-attempts" });
  });

  it("fire by a role that only Scheduler takes on, for schedules of this group", () => {
    const [statement] = role.Properties.AssumeRolePolicyDocument.Statement;

    expect(statement.Principal).toEqual({ Service: "scheduler.amazonaws.com" });
    const { "aws:SourceAccount": account, "aws:SourceArn": group } = statement.Condition.StringEquals;
    expect(account).toEqual({ Ref: "AWS::AccountId" });
    expect(group["Fn::GetAtt"]).toEqual([expect.stringMatching(/^attempttimersGroup/), "Arn"]);
  });

  it("may invoke the two functions they end in, and leave what failed in an encrypted queue", () => {
    const statements = statementsOf(template, "attempt-timers");

    expect(statements.flatMap(({ actions }) => actions).sort()).toEqual([
      "lambda:InvokeFunction",
      "sqs:SendMessage",
    ]);
    const invoked = statements.find(({ actions }) => actions.includes("lambda:InvokeFunction"));
    expect(invoked?.resources).toEqual([
      expect.stringMatching(/attemptexpiry/),
      expect.stringMatching(/attemptstop/),
    ]);
    const queue = resourceOf(template, "AWS::SQS::Queue", "attempt-timers");
    expect(queue.Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
  });

  it.each(functionIds)("%s may set and clear them as its row says, passing on that role alone", (id) => {
    const { timers = [] }: FunctionSpec = functionSpecs[id];
    const statements = statementsOf(template, id);
    const actions = statements.flatMap(({ actions }) => actions);
    const passed = statements.filter(({ actions }) => actions.includes("iam:PassRole"));

    expect(actions.includes("scheduler:CreateSchedule")).toBe(timers.includes("set"));
    expect(actions.includes("scheduler:DeleteSchedule")).toBe(timers.includes("clear"));
    expect(passed.flatMap(({ resources }) => resources)).toEqual(
      timers.includes("set") ? [JSON.stringify({ "Fn::GetAtt": [roleId, "Arn"] })] : [],
    );
    expect(environmentOf(id).SCHEDULE_GROUP).toEqual(timers.length > 0 ? expect.anything() : undefined);
  });
});
