/** The routes of the synchronous commands, in the order of the OpenAPI document: one line per command. */

import { route as cancelReservation } from "./cancel-reservation/route.ts";
import { route as changeAvailability } from "./change-availability/route.ts";
import { route as changeConfigurations } from "./change-configurations/route.ts";
import { route as clearChargingLimit } from "./clear-charging-limit/route.ts";
import { route as clearChargingProfile } from "./clear-charging-profile/route.ts";
import { route as clearDisplayMessage } from "./clear-display-message/route.ts";
import type { CommandRoute } from "./command-route.ts";
import { route as dataTransfer } from "./data-transfer/route.ts";
import { route as deleteCertificate } from "./delete-certificate/route.ts";
import { route as getChargingProfiles } from "./get-charging-profiles/route.ts";
import { route as getCompositeSchedule } from "./get-composite-schedule/route.ts";
import { route as getConfiguration } from "./get-configuration/route.ts";
import { route as getDisplayMessages } from "./get-display-messages/route.ts";
import { route as getInstalledCertificates } from "./get-installed-certificates/route.ts";
import { route as getLocalListVersion } from "./get-local-list-version/route.ts";
import { route as installCertificate } from "./install-certificate/route.ts";
import { route as reserveNow } from "./reserve-now/route.ts";
import { route as reset } from "./reset/route.ts";
import { route as sendLocalList } from "./send-local-list/route.ts";
import { route as setChargingLimit } from "./set-charging-limit/route.ts";
import { route as setChargingProfile } from "./set-charging-profile/route.ts";
import { route as setDisplayMessage } from "./set-display-message/route.ts";
import { route as triggerMessage } from "./trigger-message/route.ts";
import { route as unlockConnector } from "./unlock-connector/route.ts";

export const commandRoutes = [
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
] as const satisfies readonly CommandRoute[];
