import type { ApiDocument, Operation } from "./api/document.ts";
import { notIn16 } from "./not-in-16.ts";

export const isSupported = ({ operationId }: Operation, protocol: string | undefined): boolean =>
  protocol !== "ocpp1.6" || !notIn16.has(operationId);

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [
    "Charging",
    ["createRemoteStartAttempt", "remoteStop", "unlockConnector", "reserveNow", "cancelReservation"],
  ],
  ["Station", ["reset", "changeAvailability", "triggerMessage", "dataTransfer", "clearCache"]],
  [
    "Limits and profiles",
    [
      "setChargingLimit",
      "clearChargingLimit",
      "setChargingProfile",
      "clearChargingProfile",
      "getChargingProfiles",
      "getCompositeSchedule",
    ],
  ],
  ["Configuration", ["getConfiguration", "changeConfigurations"]],
  ["Firmware and logs", ["updateFirmware", "getLog"]],
  ["Local list", ["getLocalListVersion", "sendLocalList"]],
  ["Certificates", ["installCertificate", "deleteCertificate", "getInstalledCertificates"]],
  ["Display", ["setDisplayMessage", "getDisplayMessages", "clearDisplayMessage", "syncRate", "disableRate"]],
];

const OF_STATION = [
  /^\/remote_commands\/synchronous\/\{cpId\}\//,
  /^\/remote_commands\/asynchronous\/\{cpId\}\/[^/]+$/,
  /^\/remote_commands\/asynchronous\/remote_(start_attempt|stop)$/,
  /^\/ocpp\/v2\/assets\/\{assetId\}\//,
];

export interface CommandGroup {
  readonly name: string;
  readonly commands: readonly Operation[];
}

/** All commands for a station that the API has, in groups. One that is in no group here is in the last. */
export function commandGroups({ operations }: ApiDocument): CommandGroup[] {
  const commands = [...operations.values()].filter(
    ({ method, path }) => method === "POST" && OF_STATION.some((pattern) => pattern.test(path)),
  );
  const grouped = GROUPS.map(([name, ids]) => ({
    name,
    commands: ids.flatMap((id) => commands.filter(({ operationId }) => operationId === id)),
  }));
  const rest = commands.filter((command) => !grouped.some((group) => group.commands.includes(command)));
  return [...grouped, { name: "Other", commands: rest }].filter(({ commands }) => commands.length > 0);
}
