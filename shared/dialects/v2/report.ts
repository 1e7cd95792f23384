import type { ReportedKey } from "../../configuration/stored.ts";
import { wholeNumber } from "../station-call.ts";
import { type ComponentVariable, writeVariableKey } from "./variable-key.ts";

/** One variable in a NotifyReport, as far as we look at it (OCPP 2.x part 2, ReportDataType) and can read it. */
export interface ReportedVariable {
  readonly component?: Nameless<ComponentVariable["component"]>;
  readonly variable?: Nameless<ComponentVariable["variable"]>;
  readonly variableAttribute?: readonly {
    /** @default "Actual" */
    readonly type?: string;
    readonly value?: string;
    /** @default "ReadWrite" */
    readonly mutability?: string;
  }[];
}

type Nameless<Named extends { readonly name: string }> = Omit<Named, "name"> & { readonly name?: string };

/** Whether it is a variable that has a name here. */
const isNamed = (reported: ReportedVariable): reported is ReportedVariable & ComponentVariable => {
  const { component, variable } = reported;
  const isPlaced = component?.evse === undefined || wholeNumber(component.evse.id) !== undefined;
  return component?.name !== undefined && variable?.name !== undefined && isPlaced;
};

/**
 * Variables as configuration keys; a key's value is the Actual attribute's, and absent where that is
 * write-only. A variable without an Actual attribute, which is one that only limits another, is none; neither is one
 * without a name.
 */
export const reportedKeys = (variables: readonly ReportedVariable[]): ReportedKey[] =>
  variables.flatMap((variable) => {
    const actual = variable.variableAttribute?.find(({ type = "Actual" }) => type === "Actual");
    if (!actual || !isNamed(variable)) return [];
    const { value, mutability } = actual;
    return [
      {
        key: writeVariableKey(variable),
        ...(value !== undefined && mutability !== "WriteOnly" && { value }),
        readonly: mutability === "ReadOnly",
      },
    ];
  });
