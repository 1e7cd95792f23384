/** The commands: one line each. */

import { type Protocol, versionOf } from "../ocpp/versions.ts";
import { cancelReservation } from "./cancel-reservation/command.ts";
import { changeAvailability } from "./change-availability/command.ts";
import { changeConfigurations } from "./change-configurations/command.ts";
import { clearCache } from "./clear-cache/command.ts";
import { clearChargingLimit } from "./clear-charging-limit/command.ts";
import { clearChargingProfile } from "./clear-charging-profile/command.ts";
import { clearDisplayMessage } from "./clear-display-message/command.ts";
import type { Command, CommandRow } from "./command.ts";
import { dataTransfer } from "./data-transfer/command.ts";
import { deleteCertificate } from "./delete-certificate/command.ts";
import { getChargingProfiles } from "./get-charging-profiles/command.ts";
import { getCompositeSchedule } from "./get-composite-schedule/command.ts";
import { getConfiguration } from "./get-configuration/command.ts";
import { getDisplayMessages } from "./get-display-messages/command.ts";
import { getInstalledCertificates } from "./get-installed-certificates/command.ts";
import { getLocalListVersion } from "./get-local-list-version/command.ts";
import { getLogCommand as getLog } from "./get-log/command.ts";
import { installCertificate } from "./install-certificate/command.ts";
import { disableRate, syncRate } from "./rate-display/command.ts";
import { rawRequest } from "./raw-request/command.ts";
import { remoteStart } from "./remote-start/command.ts";
import { remoteStop } from "./remote-stop/command.ts";
import { reserveNow } from "./reserve-now/command.ts";
import { reset } from "./reset/command.ts";
import { sendLocalList } from "./send-local-list/command.ts";
import { setChargingLimit } from "./set-charging-limit/command.ts";
import { setChargingProfile } from "./set-charging-profile/command.ts";
import { setDisplayMessage } from "./set-display-message/command.ts";
import { setPassword } from "./set-password/command.ts";
import { triggerMessage } from "./trigger-message/command.ts";
import { unlockConnector } from "./unlock-connector/command.ts";
import { updateFirmware } from "./update-firmware/command.ts";

export const commands = {
  getConfiguration,
  changeConfigurations,
  reset,
  unlockConnector,
  triggerMessage,
  changeAvailability,
  dataTransfer,
  setChargingProfile,
  setChargingLimit,
  clearChargingLimit,
  clearChargingProfile,
  getCompositeSchedule,
  reserveNow,
  cancelReservation,
  getLocalListVersion,
  sendLocalList,
  installCertificate,
  deleteCertificate,
  getInstalledCertificates,
  setDisplayMessage,
  getDisplayMessages,
  clearDisplayMessage,
  getChargingProfiles,
  remoteStart,
  remoteStop,
  clearCache,
  getLog,
  updateFirmware,
  syncRate,
  disableRate,
  setPassword,
  rawRequest,
};

export type CommandName = keyof typeof commands;

/** What a command takes and returns. */
export type Input<Name extends CommandName> =
  (typeof commands)[Name] extends Command<infer Input extends object, object> ? Input : never;

export type Output<Name extends CommandName> =
  (typeof commands)[Name] extends Command<never, infer Output extends object> ? Output : never;

/** A command with the types of its name, which TypeScript cannot relate to the table by itself. */
export const commandOf = <Name extends CommandName>(name: Name): Command<Input<Name>, Output<Name>> =>
  commands[name] as unknown as Command<Input<Name>, Output<Name>>;

/** How a version of OCPP carries out a command. */
export const rowOf = <Name extends CommandName>(
  protocol: Protocol,
  name: Name,
): CommandRow<Input<Name>, Output<Name>> => commandOf(name).rows[versionOf(protocol).generation];
