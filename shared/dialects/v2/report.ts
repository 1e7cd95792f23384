import type { ReportedKey } from "../../configuration/stored.ts";
import { type ComponentVariable, writeVariableKey } from "./variable-key.ts";

/** One variable in a NotifyReport, as far as we look at it (OCPP 2.x part 2, ReportDataType). */
export interface ReportedVariable extends ComponentVariable {
  readonly variableAttribute: readonly {
    /** @default "Actual" */
    readonly type?: string;
    readonly value?: string;
    /** @default "ReadWrite" */
    readonly mutability?: string;
  }[];
}

/**
 * Variables as configuration keys; a key's value is the Actual attribute's, and absent where that is
 * write-only. A variable without an Actual attribute, which is one that only limits another, is none.
 */
export const reportedKeys = (variables: readonly ReportedVariable[]): ReportedKey[] =>
  variables.flatMap((variable) => {
    const actual = variable.variableAttribute.find(({ type = "Actual" }) => type === "Actual");
    if (!actual) return [];
    const { value, mutability } = actual;
    return [
      {
        key: writeVariableKey(variable),
        ...(value !== undefined && mutability !== "WriteOnly" && { value }),
        readonly: mutability === "ReadOnly",
      },
    ];
  });
