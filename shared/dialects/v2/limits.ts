/**
 * How much a station takes in one message (OCPP 2.x part 2, DeviceDataCtrlr: ItemsPerMessage and
 * BytesPerMessage, by action). Learned from the station when a command first needs to know, and kept on its
 * item until it boots.
 */

import { FRAME_LIMIT } from "../../ocpp/frame.ts";
import type { StationItem, VariableLimits } from "../../store/items.ts";
import { type ComponentVariable, sameVariable, writeVariableKey } from "./variable-key.ts";

const limit = (name: string, instance: string): ComponentVariable => ({
  component: { name: "DeviceDataCtrlr" },
  variable: { name, instance },
});

const limitVariables: { readonly [Name in keyof Required<VariableLimits>]: ComponentVariable } = {
  getVariablesItems: limit("ItemsPerMessage", "GetVariables"),
  getVariablesBytes: limit("BytesPerMessage", "GetVariables"),
  setVariablesItems: limit("ItemsPerMessage", "SetVariables"),
  setVariablesBytes: limit("BytesPerMessage", "SetVariables"),
};

const { getVariablesItems, ...otherLimits } = limitVariables;

/** What a station is asked before a large message: the number of items in a GetVariables first, and alone. */
export const LIMIT_VARIABLES: readonly [ComponentVariable, ...ComponentVariable[]] = [
  getVariablesItems,
  ...Object.values(otherLimits),
];

/**
 * The maximum of variables in a message to a station whose limits are not known. A station that does not name
 * a limit is held to it too.
 */
const UNASKED_ITEMS = 4;

/** A GetVariables' answer repeats what was asked, about 200 bytes for each, and must fit in a frame of 32 KB. */
const MAX_ITEMS = 100;

/** `[2,"<36 characters>","GetVariables",{"getVariableData":[…]}]` */
const ENVELOPE_BYTES = 100;

/** The limits that a station reported. A number of items that it did not report keeps the default. */
export function limitsAmong(
  variables: readonly { readonly key: string; readonly value?: string }[],
): VariableLimits {
  const limits = Object.entries(limitVariables).flatMap(([name, variable]) => {
    const key = writeVariableKey(variable).toLowerCase();
    const reported = variables.find((candidate) => candidate.key.toLowerCase() === key);
    const value = Number(reported?.value);
    if (reported && Number.isInteger(value) && value > 0) return [[name, value] as const];
    return reported && name.endsWith("Items") ? [[name, UNASKED_ITEMS] as const] : [];
  });
  return Object.fromEntries(limits);
}

export type LimitedAction = "getVariables" | "setVariables";

/** Whether so many variables need no knowledge of the station's limits, or it is there. */
export const needsNoLimits = (station: StationItem, action: LimitedAction, count: number): boolean =>
  count <= UNASKED_ITEMS || station[`${action}Items`] !== undefined;

/**
 * As few groups as the limits allow, in order. What is too large even by itself goes alone, and no group names a
 * variable twice (part 2, B05 and B06).
 */
export function inGroups<Item extends ComponentVariable>(
  items: readonly Item[],
  action: LimitedAction,
  limits: VariableLimits,
): Item[][] {
  const most = Math.min(limits[`${action}Items`] ?? UNASKED_ITEMS, MAX_ITEMS);
  const room = Math.min(limits[`${action}Bytes`] ?? FRAME_LIMIT, FRAME_LIMIT) - ENVELOPE_BYTES;
  const groups: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const group = groups.at(-1);
    const isNamed = group?.some((other) => sameVariable(other) === sameVariable(item));
    if (group && !isNamed && group.length < most && bytes + size <= room) {
      group.push(item);
      bytes += size;
    } else {
      groups.push([item]);
      bytes = size;
    }
  }
  return groups;
}
