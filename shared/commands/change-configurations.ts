import type { ProblemDetails } from "../problems.ts";
import type { Command } from "./command.ts";

export interface ChangeConfigurationsInput {
  readonly configurations: readonly { readonly key: string; readonly value: string }[];
}

export interface ChangeResult {
  readonly key: string;
  readonly ocppMessageId?: string;
  /** The station's word. */
  readonly status?: string;
  /** Why there is no status. */
  readonly error?: ProblemDetails;
}

export interface ChangeConfigurationsOutput {
  /** In the order of the request. */
  readonly results: readonly ChangeResult[];
}

export const changeConfigurations: Command<ChangeConfigurationsInput> = { name: "change_configurations" };
