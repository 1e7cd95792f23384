/**
 * Reading and setting the variables of an OCPP 2.x station (part 2, B05 and B06), in as few CALLs as its limits allow.
 */

import { type GetVariableResult, limitsReported, type SetVariableResult } from "../dialects/v2/answers.ts";
import { inGroups, LIMIT_VARIABLES, type LimitedAction, needsNoLimits } from "../dialects/v2/limits.ts";
import { variableNamed } from "../dialects/v2/standard-keys.ts";
import { type ComponentVariable, InvalidVariableKey, sameVariable } from "../dialects/v2/variable-key.ts";
import { Problem } from "../problems.ts";
import type { StationItem, VariableLimits } from "../store/items.ts";
import {
  type ChangeResult,
  type ConfigurationChange,
  changeInGroups,
} from "./change-configurations/groups.ts";
import type { ConfigurationKey } from "./get-configuration/command.ts";
import type { Answer, Session } from "./session.ts";
import { GroupSender, type SentPart } from "./sized-groups.ts";

const UNKNOWN: ReadonlySet<string> = new Set([
  "UnknownComponent",
  "UnknownVariable",
  "NotSupportedAttributeType",
]);

/** B06 Get Variables. A variable that several keys name is asked for once. */
export async function getVariables(keys: readonly string[], session: Session) {
  const variables = variablesNamed(keys);
  const asked = distinct(variables);
  await session.check("GetVariables", { getVariableData: variables.map(variableData) });
  const plan = await grouped("getVariables", asked, session);
  const ocppMessageIds = [...plan.asked];
  const results: GetVariableResult[] = [];
  const sender = new GroupSender<NamedVariable, Answer>({
    send: async (group) => {
      const answer = await session.call("GetVariables", { getVariableData: group.map(variableData) });
      ocppMessageIds.push(answer.ocppMessageId);
      return answer;
    },
    resultsOf: ({ payload }) => (payload?.getVariableResult ?? []) as GetVariableResult[],
    expectMore: plan.expectMore,
  });
  for (const group of plan.groups)
    for await (const sent of sender.send(group)) {
      if ("problem" in sent) throw sent.problem;
      results.push(...((sent.answer.payload?.getVariableResult ?? []) as GetVariableResult[]));
    }
  if (results.length === 0) return { ocppMessageIds };
  const resultOf = byVariable(results);
  const isUnknown = (variable: ComponentVariable) =>
    UNKNOWN.has(resultOf(variable)?.attributeStatus ?? "UnknownVariable");
  return {
    ocppMessageIds,
    configurationKeys: variables
      .filter((variable) => !isUnknown(variable))
      .map((variable) => configurationKey(variable.key, resultOf(variable))),
    unknownKeys: variables.filter(isUnknown).map(({ key }) => key),
  };
}

/** A variable that was not read (`Rejected`, B06.FR.09: it may be write-only) has the station's status, no value. */
function configurationKey(key: string, result: GetVariableResult | undefined): ConfigurationKey {
  if (result?.attributeStatus === "Accepted")
    return { key, value: result.attributeValue ?? "", readonly: false };
  return { key, readonly: false, status: result?.attributeStatus ?? "Rejected" };
}

/** B05 Set Variables. */
export async function setVariables(changes: readonly ConfigurationChange[], session: Session) {
  const variables = variablesToSet(changes);
  await session.check("SetVariables", { setVariableData: variables.map(variableData) });
  let expectMore: Plan["expectMore"] = async () => {};
  const plan = async () => {
    const planned = await grouped("setVariables", variables, session);
    expectMore = planned.expectMore;
    return planned.groups;
  };
  const sender = new GroupSender<NamedVariable, Answer>({
    send: (group) => session.call("SetVariables", { setVariableData: group.map(variableData) }),
    resultsOf: ({ payload }) => (payload?.setVariableResult ?? []) as SetVariableResult[],
    expectMore: (additional) => expectMore(additional),
  });
  return changeInGroups(plan, async function* (group): AsyncGenerator<readonly ChangeResult[]> {
    for await (const sent of sender.send(group)) yield resultsOf(sent);
  });
}

function resultsOf(sent: SentPart<NamedVariable, Answer>): ChangeResult[] {
  if (!("problem" in sent)) return statusesOf(sent.part, sent.answer);
  if (sent.problem.slug === "station-not-connected") throw sent.problem;
  return sent.part.map(({ key }) => ({ key, error: sent.problem.toDetails() }));
}

function statusesOf(part: readonly NamedVariable[], { ocppMessageId, payload }: Answer): ChangeResult[] {
  const resultOf = byVariable((payload?.setVariableResult ?? []) as SetVariableResult[]);
  return part.map((variable) => {
    const status = resultOf(variable)?.attributeStatus;
    return { key: variable.key, ocppMessageId, ...(status !== undefined && { status }) };
  });
}

/** Each variable once, in the order of the request. */
export const distinct = (variables: readonly NamedVariable[]): NamedVariable[] => [
  ...new Map(variables.map((variable) => [sameVariable(variable), variable])).values(),
];

/** Finds the result for a variable: a station may answer in any order. */
function byVariable<Result extends ComponentVariable>(results: readonly Result[]) {
  const found = new Map(results.map((result) => [sameVariable(result), result]));
  return (variable: ComponentVariable) => found.get(sameVariable(variable));
}

/** A variable as a key of the request named it. */
interface NamedVariable extends ComponentVariable {
  readonly key: string;
}

const variableData = ({ key: _, ...data }: NamedVariable): object => data;

export const variablesNamed = (keys: readonly string[]): NamedVariable[] =>
  parsed(keys.map((key, n) => ({ key, pointer: `/keys/${n}` })));

export function variablesToSet(changes: readonly ConfigurationChange[]): NamedVariable[] {
  const variables = parsed(changes.map(({ key }, n) => ({ key, pointer: `/configurations/${n}/key` })));
  return variables.map((variable, n) => ({ ...variable, attributeValue: changes[n]?.value }));
}

/** @throws Problem `invalid-request` with the positions of keys that name no variable */
function parsed(keys: readonly { readonly key: string; readonly pointer: string }[]): NamedVariable[] {
  const errors: { pointer: string; detail: string }[] = [];
  const variables = keys.flatMap(({ key, pointer }) => {
    try {
      return [{ key, ...variableNamed(key) }];
    } catch (error) {
      if (!(error instanceof InvalidVariableKey)) throw error;
      errors.push({ pointer, detail: error.message });
      return [];
    }
  });
  if (errors.length === 0) return variables;
  throw new Problem(
    "invalid-request",
    "The station uses OCPP 2.x, where a variable is named Component[instance]@evse:connector.Variable[instance], or by a standard key of OCPP 1.6 that has a variable. Nothing was sent.",
    { errors },
  );
}

/** As far as it is known before the first CALL; exact where the station's limits are. */
export function callCount(
  action: LimitedAction,
  variables: readonly NamedVariable[],
  station: StationItem,
): number {
  if (needsNoLimits(station, action, variables.length)) return inGroups(variables, action, station).length;
  return 1 + inGroups(variables, action, {}).length;
}

interface Plan {
  readonly groups: NamedVariable[][];
  /** The CALLs that asked for the station's limits. */
  readonly asked: readonly string[];
  readonly expectMore: (additional: number) => Promise<void>;
}

/** Groups that the station's limits allow, which it is asked for where they matter and are not known. */
async function grouped(
  action: LimitedAction,
  variables: readonly NamedVariable[],
  session: Session,
): Promise<Plan> {
  const { station } = session;
  const isKnown = needsNoLimits(station, action, variables.length);
  const { asked, limits } = isKnown ? { asked: [], limits: station } : await askLimits(session);
  const groups = inGroups(variables, action, limits);
  let expected = asked.length + groups.length;
  if (!isKnown) await session.expectCalls(expected);
  const expectMore = async (additional: number) => {
    expected += additional;
    await session.expectCalls(expected);
  };
  return { groups, asked, expectMore };
}

/**
 * Asks for the number of items alone, since a station may take no more than one; then for the limits that are
 * left. The message function stores what the station answers here, for the commands to come.
 */
async function askLimits(session: Session) {
  const asked: string[] = [];
  let limits: VariableLimits = {};
  const ask = async (variables: readonly ComponentVariable[]) => {
    try {
      const { ocppMessageId, payload } = await session.call("GetVariables", { getVariableData: variables });
      asked.push(ocppMessageId);
      const results = (payload?.getVariableResult ?? []) as GetVariableResult[];
      limits = { ...limits, ...limitsReported(results) };
      return payload !== undefined;
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== "station-call-error") throw error;
      asked.push(error.members.ocppMessageId as string);
      return false;
    }
  };
  const [first, ...others] = LIMIT_VARIABLES;
  // the others wait for the first answer, which is not awaited from a legacy station
  if (await ask([first]))
    for (const group of inGroups(others, "getVariables", { getVariablesItems: 1, ...limits }))
      await ask(group);
  return { asked, limits };
}
