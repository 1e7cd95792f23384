import { type ProfileOutput, profileRows } from "../charging-profiles.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

export const setChargingProfile: Command<InputOf<typeof route>, ProfileOutput> = {
  name: "set_charging_profile",
  verify: verifyConnector,
  rows: profileRows(({ profile }, { ownNumber }) => ({ profileId: ownNumber, ...profile })),
};
