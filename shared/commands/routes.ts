/** The routes of the synchronous commands, in the order of the OpenAPI document: one line per command. */

import { route as changeConfigurations } from "./change-configurations/route.ts";
import type { CommandRoute } from "./command-route.ts";
import { route as getConfiguration } from "./get-configuration/route.ts";
import { route as reset } from "./reset/route.ts";
import { route as unlockConnector } from "./unlock-connector/route.ts";

export const commandRoutes = [
  getConfiguration,
  changeConfigurations,
  reset,
  unlockConnector,
] as const satisfies readonly CommandRoute[];
