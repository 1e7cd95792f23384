/** The commands there are: one file each, one row per dialect, one row in the route table. */

import type { Protocol } from "../ocpp/protocols.ts";
import {
  type ChangeConfigurationsInput,
  type ChangeConfigurationsOutput,
  changeConfigurations,
} from "./change-configurations.ts";
import { clearCache } from "./clear-cache.ts";
import type { Command, CommandRow } from "./command.ts";
import {
  type GetConfigurationInput,
  type GetConfigurationOutput,
  getConfiguration,
} from "./get-configuration.ts";
import { disableRate, type RateDisplayOutput, type SyncRateInput, syncRate } from "./rate-display.ts";
import { type RawRequestInput, type RawRequestOutput, rawRequest, rawRequestRow } from "./raw-request.ts";
import { type RemoteStartInput, remoteStart } from "./remote-start.ts";
import { type RemoteStopInput, remoteStop } from "./remote-stop.ts";
import { type ResetInput, reset, type StatusOutput } from "./reset.ts";
import { type SetPasswordInput, type SetPasswordOutput, setPassword } from "./set-password.ts";
import { type UnlockConnectorInput, unlockConnector } from "./unlock-connector.ts";

/** What each command takes and brings back. */
export interface Commands {
  getConfiguration: { input: GetConfigurationInput; output: GetConfigurationOutput };
  changeConfigurations: { input: ChangeConfigurationsInput; output: ChangeConfigurationsOutput };
  reset: { input: ResetInput; output: StatusOutput };
  unlockConnector: { input: UnlockConnectorInput; output: StatusOutput };
  remoteStart: { input: RemoteStartInput; output: StatusOutput };
  remoteStop: { input: RemoteStopInput; output: StatusOutput };
  clearCache: { input: object; output: StatusOutput };
  syncRate: { input: SyncRateInput; output: RateDisplayOutput };
  disableRate: { input: object; output: RateDisplayOutput };
  setPassword: { input: SetPasswordInput; output: SetPasswordOutput };
  rawRequest: { input: RawRequestInput; output: RawRequestOutput };
}

export type CommandName = keyof Commands;

export const commands: { readonly [Name in CommandName]: Command<Commands[Name]["input"]> } = {
  getConfiguration,
  changeConfigurations,
  reset,
  unlockConnector,
  remoteStart,
  remoteStop,
  clearCache,
  syncRate,
  disableRate,
  setPassword,
  rawRequest,
};

type Rows = {
  readonly [Name in CommandName]: CommandRow<Commands[Name]["input"], Commands[Name]["output"]>;
};

/** What no version has a row of its own for. */
const commonRows = { rawRequest: rawRequestRow } satisfies Partial<Rows>;

/** One OCPP version's table of commands. */
export type CommandRows = Omit<Rows, keyof typeof commonRows>;

/** The tables load with the first station that speaks their version. 2.0.1 and 2.1 differ in no command. */
const dialects: { readonly [P in Protocol]: () => Promise<{ readonly commandRows: CommandRows }> } = {
  "ocpp1.6": () => import("../dialects/v16/commands.ts"),
  "ocpp2.0.1": () => import("../dialects/v2/commands.ts"),
  "ocpp2.1": () => import("../dialects/v2/commands.ts"),
};

export async function rowOf<Name extends CommandName>(protocol: Protocol, name: Name): Promise<Rows[Name]> {
  const { commandRows } = await dialects[protocol]();
  const rows: Rows = { ...commandRows, ...commonRows };
  return rows[name];
}
