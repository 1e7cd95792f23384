/**
 * The configuration that the answers of a 2.x station confirm. It is stored even if no request waits for the answer.
 */

import type { ConfigurationReport } from "../../configuration/stored.ts";
import type { VariableLimits } from "../../store/items.ts";
import type { Dialect } from "../dialects.ts";
import { limitsAmong } from "./limits.ts";
import { type ComponentVariable, sameVariable, writeVariableKey } from "./variable-key.ts";

interface AttributeOf extends ComponentVariable {
  /** @default "Actual" */
  readonly attributeType?: string;
}

/** One result of GetVariables (part 2, GetVariableResultType). */
export interface GetVariableResult extends AttributeOf {
  readonly attributeStatus: string;
  readonly attributeValue?: string;
}

/** One result of SetVariables (part 2, SetVariableResultType). */
export interface SetVariableResult extends AttributeOf {
  readonly attributeStatus: string;
}

interface SetVariableData extends AttributeOf {
  readonly attributeValue: string;
}

const isActual = ({ attributeType = "Actual" }: AttributeOf): boolean => attributeType === "Actual";

/** The limits on messages that the results contain. */
export const limitsReported = (results: readonly GetVariableResult[]): VariableLimits =>
  limitsAmong(
    // a Rejected result is no value: the request may have had too many items
    results
      .filter(({ attributeStatus }) => attributeStatus !== "Rejected")
      .map((result) => ({
        key: writeVariableKey(result),
        ...(result.attributeValue !== undefined && { value: result.attributeValue }),
      })),
  );

/** GetVariables does not return whether a variable is read-only. */
function variablesRead(results: readonly GetVariableResult[]): ConfigurationReport {
  const read = results.filter((result) => isActual(result) && result.attributeStatus === "Accepted");
  const keys = read.map((result) => ({
    key: writeVariableKey(result),
    value: result.attributeValue ?? "",
  }));
  return { complete: false, keys, limits: limitsReported(results.filter(isActual)) };
}

const ACCEPTED: ReadonlySet<string> = new Set(["Accepted", "RebootRequired"]);

function variablesChanged(
  requested: readonly SetVariableData[],
  results: readonly SetVariableResult[],
): ConfigurationReport {
  const accepted = new Set(
    results.flatMap((result) =>
      ACCEPTED.has(result.attributeStatus) && isActual(result) ? [sameVariable(result)] : [],
    ),
  );
  const changed = requested.filter((data) => isActual(data) && accepted.has(sameVariable(data)));
  const keys = changed.map((data) => ({
    key: writeVariableKey(data),
    value: data.attributeValue,
    readonly: false,
  }));
  return { complete: false, keys };
}

export const configurationReports: Dialect["configurationReports"] = {
  GetVariables: (_, response) => variablesRead(response.getVariableResult as GetVariableResult[]),

  SetVariables: (request, response) =>
    variablesChanged(
      request.setVariableData as SetVariableData[],
      response.setVariableResult as SetVariableResult[],
    ),
};
