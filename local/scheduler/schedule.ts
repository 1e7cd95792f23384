import { invalid } from "./errors.ts";
import { dueAt } from "./expression.ts";

export interface Target {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input: string;
  readonly RetryPolicy: { readonly MaximumRetryAttempts: number; readonly MaximumEventAgeInSeconds: number };
  readonly DeadLetterConfig?: { readonly Arn: string };
}

/** The input of CreateSchedule and UpdateSchedule with defaults filled in; GetSchedule returns it. */
export interface Definition {
  readonly Name: string;
  readonly GroupName: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly FlexibleTimeWindow: {
    readonly Mode: "OFF" | "FLEXIBLE";
    readonly MaximumWindowInMinutes?: number;
  };
  readonly Target: Target;
  readonly State: "ENABLED" | "DISABLED";
  readonly ActionAfterCompletion: "NONE" | "DELETE";
  readonly Description?: string;
}

export interface Schedule {
  readonly definition: Definition;
  readonly clientToken: string | undefined;
  readonly dueMs: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Its invocation is over, delivered or given up; it never fires again. */
  readonly completed: boolean;
}

export const keyOf = (groupName: string, name: string): string => `${groupName}/${name}`;

export const arnOf = ({ GroupName, Name }: Pick<Definition, "GroupName" | "Name">): string =>
  `arn:aws:scheduler:us-east-1:000000000000:schedule/${GroupName}/${Name}`;

const NAME = /^[0-9a-zA-Z-_.]+$/;

/** @throws ValidationException, worded like the API's for the members' constraints */
export function readName(member: string, value: string): string {
  if (value.length > 64) {
    throw violated(member, value, "Member must have length less than or equal to 64");
  }
  if (!NAME.test(value)) {
    throw violated(member, value, `Member must satisfy regular expression pattern: ${NAME.source}`);
  }
  return value;
}

/** @throws ValidationException */
export function readDefinition(name: string, body: Readonly<Record<string, unknown>>): Definition {
  const expression = text(body, "ScheduleExpression");
  const timeZone =
    body.ScheduleExpressionTimezone === undefined ? "UTC" : text(body, "ScheduleExpressionTimezone");
  dueAt(expression, timeZone);
  return {
    Name: readName("name", name),
    GroupName: body.GroupName === undefined ? "default" : readName("groupName", text(body, "GroupName")),
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timeZone,
    FlexibleTimeWindow: readWindow(object(body, "FlexibleTimeWindow")),
    Target: readTarget(object(body, "Target")),
    State: oneOf(body, "State", ["ENABLED", "DISABLED"]) ?? "ENABLED",
    ActionAfterCompletion: oneOf(body, "ActionAfterCompletion", ["NONE", "DELETE"]) ?? "NONE",
    ...(body.Description === undefined ? {} : { Description: text(body, "Description") }),
  };
}

function readWindow(window: Readonly<Record<string, unknown>>): Definition["FlexibleTimeWindow"] {
  const Mode = oneOf(window, "Mode", ["OFF", "FLEXIBLE"]);
  if (Mode === undefined) throw violated("flexibleTimeWindow.mode", null, "Member must not be null");
  if (Mode === "OFF") return { Mode };
  return { Mode, MaximumWindowInMinutes: integer(window, "MaximumWindowInMinutes", 1, 1440) };
}

function readTarget(target: Readonly<Record<string, unknown>>): Target {
  const policy = target.RetryPolicy === undefined ? {} : object(target, "RetryPolicy");
  // Without Input, AWS sends an event of its own making, which nothing here relies on.
  if (target.Input === undefined) throw invalid("A Target without Input is not served on this machine");
  return {
    Arn: arn(target, "Arn"),
    RoleArn: arn(target, "RoleArn"),
    Input: text(target, "Input"),
    RetryPolicy: {
      MaximumRetryAttempts: integer(policy, "MaximumRetryAttempts", 0, 185, 185),
      MaximumEventAgeInSeconds: integer(policy, "MaximumEventAgeInSeconds", 60, 86_400, 86_400),
    },
    ...(target.DeadLetterConfig === undefined
      ? {}
      : { DeadLetterConfig: { Arn: arn(object(target, "DeadLetterConfig"), "Arn") } }),
  };
}

function text(from: Readonly<Record<string, unknown>>, member: string): string {
  const value = from[member];
  if (typeof value !== "string" || value === "") throw violated(member, value, "Member must not be null");
  return value;
}

function arn(from: Readonly<Record<string, unknown>>, member: string): string {
  const value = text(from, member);
  if (!/^arn:[^:]+:[^:]+:/.test(value)) throw invalid(`Provided ${member} is not in correct format.`);
  return value;
}

function object(from: Readonly<Record<string, unknown>>, member: string): Readonly<Record<string, unknown>> {
  const value = from[member];
  if (typeof value !== "object" || value === null) throw violated(member, value, "Member must not be null");
  return value as Readonly<Record<string, unknown>>;
}

function oneOf<Value extends string>(
  from: Readonly<Record<string, unknown>>,
  member: string,
  values: readonly Value[],
): Value | undefined {
  const value = from[member];
  if (value === undefined || values.includes(value as Value)) return value as Value | undefined;
  throw violated(member, value, `Member must satisfy enum value set: [${values.join(", ")}]`);
}

function integer(
  from: Readonly<Record<string, unknown>>,
  member: string,
  min: number,
  max: number,
  otherwise?: number,
): number {
  const value = from[member] ?? otherwise;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw violated(member, value, `Member must be between ${min} and ${max}`);
}

function violated(member: string, value: unknown, constraint: string) {
  const camelCase = member.charAt(0).toLowerCase() + member.slice(1);
  const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? null);
  return invalid(
    `1 validation error detected: Value '${shown}' at '${camelCase}' failed to satisfy constraint: ${constraint}`,
  );
}
