import { limitProfile } from "../../dialects/charging-limit.ts";
import { type ProfileOutput, profileRows } from "../charging-profiles.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

export const setChargingLimit: Command<InputOf<typeof route>, ProfileOutput> = {
  name: "set_charging_limit",
  verify: verifyConnector,
  rows: profileRows((limit, { requestedAtMs }, evseId) => limitProfile(evseId, limit, requestedAtMs)),
};
