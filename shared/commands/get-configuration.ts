import type { Command } from "./command.ts";

export interface GetConfigurationInput {
  /** None or empty: all. */
  readonly keys?: readonly string[];
}

export interface ConfigurationKey {
  readonly key: string;
  readonly value?: string;
  readonly readonly: boolean;
}

export interface GetConfigurationOutput {
  readonly ocppMessageIds: readonly string[];
  readonly configurationKeys?: readonly ConfigurationKey[];
  readonly unknownKeys?: readonly string[];
}

export const getConfiguration: Command<GetConfigurationInput> = { name: "get_configuration" };
