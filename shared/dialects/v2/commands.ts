/** How OCPP 2.0.1 and 2.1 alike carry out the commands (part 2, chapters B "Provisioning" and F "Remote Control"). */

import {
  type ChangeConfigurationsInput,
  type ChangeResult,
  changeInGroups,
} from "../../commands/change-configurations.ts";
import type { CommandRows } from "../../commands/commands.ts";
import type { ConfigurationKey } from "../../commands/get-configuration.ts";
import type { Session } from "../../commands/session.ts";
import { newPasswordTold } from "../../commands/set-password.ts";
import { statusOf } from "../../commands/status.ts";
import { Problem } from "../../problems.ts";
import { connectorOf } from "../../stations/connectors.ts";
import type { StationItem } from "../../store/items.ts";
import { type GetVariableResult, limitsTold, type SetVariableResult, sameVariable } from "./answers.ts";
import { inGroups, LIMIT_VARIABLES, type LimitedAction, needsNoLimits } from "./limits.ts";
import { rateDisplayRows } from "./rate-display.ts";
import { type ComponentVariable, InvalidVariableKey, parseVariableKey } from "./variable-key.ts";

export const commandRows: CommandRows = {
  /** B06 Get Variables, B07 Get Base Report */
  getConfiguration: {
    callCount: ({ keys = [] }, station) =>
      keys.length === 0 ? 1 : callCount("getVariables", variablesNamed(keys), station),
    run: ({ keys = [] }, session) => (keys.length === 0 ? fullReport(session) : getVariables(keys, session)),
  },

  /** B05 Set Variables */
  changeConfigurations: {
    callCount: ({ configurations }, station) =>
      callCount("setVariables", variablesToSet(configurations), station),
    run: ({ configurations }, session) => setVariables(configurations, session),
  },

  /** B11 and B12, Reset */
  reset: {
    run: ({ type }, session) =>
      statusOf(session, "Reset", { type: type === "Hard" ? "Immediate" : "OnIdle" }),
  },

  /** F05 Remotely Unlock Connector */
  unlockConnector: {
    run({ connectorUuid }, session) {
      const { evseId, connectorId } = connectorOf(session.station, connectorUuid);
      return statusOf(session, "UnlockConnector", { evseId, connectorId });
    },
  },

  /** F01 and F02, Remote Start Transaction: an EVSE is named, and the driver plugs in where it fits. */
  remoteStart: {
    run: ({ idTag, idTokenType = "Central", connector, remoteStartId }, session) =>
      statusOf(session, "RequestStartTransaction", {
        ...(connector && { evseId: connector.evseId }),
        remoteStartId,
        idToken: { idToken: idTag, type: idTokenType },
      }),
  },

  /** F03 Remote Stop Transaction */
  remoteStop: {
    run: ({ transactionId }, session) => statusOf(session, "RequestStopTransaction", { transactionId }),
  },

  /** C11 Clear Authorization Data in Authorization Cache */
  clearCache: { run: (_, session) => statusOf(session, "ClearCache", {}) },

  /** A01 Update Charging Station Password for HTTP Basic Authentication: the text as it is. */
  setPassword: {
    run: ({ password }, session) =>
      newPasswordTold(
        session.call("SetVariables", {
          setVariableData: [
            {
              component: { name: "SecurityCtrlr" },
              variable: { name: "BasicAuthPassword" },
              attributeValue: password,
            },
          ],
        }),
        ({ setVariableResult }) => (setVariableResult as SetVariableResult[])[0]?.attributeStatus,
      ),
  },

  ...rateDisplayRows,
};

async function fullReport(session: Session) {
  const { ocppMessageId, payload, keys } = await session.report("GetBaseReport", {
    reportBase: "FullInventory",
  });
  const ocppMessageIds = [ocppMessageId];
  if (keys) return { ocppMessageIds, configurationKeys: keys as ConfigurationKey[], unknownKeys: [] };
  if (!payload) return { ocppMessageIds };
  return { ocppMessageIds, configurationKeys: [], unknownKeys: [], status: payload.status as string };
}

const UNKNOWN: ReadonlySet<string> = new Set([
  "UnknownComponent",
  "UnknownVariable",
  "NotSupportedAttributeType",
]);

async function getVariables(keys: readonly string[], session: Session) {
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

async function setVariables(changes: ChangeConfigurationsInput["configurations"], session: Session) {
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

const variablesNamed = (keys: readonly string[]): NamedVariable[] =>
  parsed(keys.map((key, n) => ({ key, pointer: `/keys/${n}` })));

function variablesToSet(changes: ChangeConfigurationsInput["configurations"]): NamedVariable[] {
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
    "The station speaks OCPP 2.x, whose variables are named Component[instance]@evse:connector.Variable[instance]; nothing was sent.",
    { errors },
  );
}

/** As far as it is known before the first CALL; exact where the station's limits are. */
function callCount(action: LimitedAction, variables: readonly NamedVariable[], station: StationItem): number {
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
