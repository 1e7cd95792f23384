/**
 * Reading and setting the variables of an OCPP 2.x station (part 2, B05 and B06), in as few CALLs as its limits allow.
 */

import {
  type GetVariableResult,
  limitsTold,
  type SetVariableResult,
  sameVariable,
} from "../dialects/v2/answers.ts";
import { inGroups, LIMIT_VARIABLES, type LimitedAction, needsNoLimits } from "../dialects/v2/limits.ts";
import { type ComponentVariable, InvalidVariableKey, parseVariableKey } from "../dialects/v2/variable-key.ts";
import { Problem } from "../problems.ts";
import type { StationItem } from "../store/items.ts";
import {
  type ChangeResult,
  type ConfigurationChange,
  changeInGroups,
} from "./change-configurations/groups.ts";
import type { ConfigurationKey } from "./get-configuration/command.ts";
import type { Session } from "./session.ts";

const UNKNOWN: ReadonlySet<string> = new Set([
  "UnknownComponent",
  "UnknownVariable",
  "NotSupportedAttributeType",
]);

/** B06 Get Variables. */
export async function getVariables(keys: readonly string[], session: Session) {
  const variables = variablesNamed(keys);
  await session.check("GetVariables", { getVariableData: variables.map(variableData) });
  const { groups, asked } = await grouped("getVariables", variables, session);
  const ocppMessageIds = [...asked];
  const results: GetVariableResult[] = [];
  for (const group of groups) {
    const { ocppMessageId, payload } = await session.call("GetVariables", {
      getVariableData: group.map(variableData),
    });
    ocppMessageIds.push(ocppMessageId);
    if (payload) results.push(...(payload.getVariableResult as GetVariableResult[]));
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

/** One that may not be read (Rejected, B06.FR.09: it is write-only) is there without a value. */
function configurationKey(key: string, result: GetVariableResult | undefined): ConfigurationKey {
  const isRead = result?.attributeStatus === "Accepted";
  return { key, ...(isRead && { value: result.attributeValue ?? "" }), readonly: false };
}

/** B05 Set Variables. */
export async function setVariables(changes: readonly ConfigurationChange[], session: Session) {
  const variables = variablesToSet(changes);
  await session.check("SetVariables", { setVariableData: variables.map(variableData) });
  const plan = async () => (await grouped("setVariables", variables, session)).groups;
  return changeInGroups(plan, async (group): Promise<ChangeResult[]> => {
    const { ocppMessageId, payload } = await session.call("SetVariables", {
      setVariableData: group.map(variableData),
    });
    const resultOf = byVariable((payload?.setVariableResult ?? []) as SetVariableResult[]);
    return group.map((variable) => {
      const status = resultOf(variable)?.attributeStatus;
      return { key: variable.key, ocppMessageId, ...(status !== undefined && { status }) };
    });
  });
}

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

/** @throws Problem `invalid-request` that says where, for keys that name no variable */
function parsed(keys: readonly { readonly key: string; readonly pointer: string }[]): NamedVariable[] {
  const errors: { pointer: string; detail: string }[] = [];
  const variables = keys.flatMap(({ key, pointer }) => {
    try {
      return [{ key, ...parseVariableKey(key) }];
    } catch (error) {
      if (!(error instanceof InvalidVariableKey)) throw error;
      errors.push({ pointer, detail: error.message });
      return [];
    }
  });
  if (errors.length === 0) return variables;
  throw new Problem(
    "invalid-request",
    "The station uses OCPP 2.x, where a variable is named Component[instance]@evse:connector.Variable[instance]. Nothing was sent.",
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

/** Groups that the station's limits allow, which it is asked for where they matter and are not known. */
async function grouped(action: LimitedAction, variables: readonly NamedVariable[], session: Session) {
  const { station } = session;
  if (needsNoLimits(station, action, variables.length))
    return { groups: inGroups(variables, action, station), asked: [] };
  const { ocppMessageId, limits } = await askLimits(session);
  const groups = inGroups(variables, action, limits);
  await session.expectCalls(1 + groups.length);
  return { groups, asked: [ocppMessageId] };
}

/** The message function keeps what the station answers here, for the commands to come. */
async function askLimits(session: Session) {
  try {
    const { ocppMessageId, payload } = await session.call("GetVariables", {
      getVariableData: LIMIT_VARIABLES,
    });
    const results = (payload?.getVariableResult ?? []) as GetVariableResult[];
    return { ocppMessageId, limits: limitsTold(results) };
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== "station-call-error") throw error;
    return { ocppMessageId: error.members.ocppMessageId as string, limits: {} };
  }
}
