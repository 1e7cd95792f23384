import type { ChargingProfile } from "../dialects/charging-profile.ts";
import { chargingProfileOf as v2ProfileOf } from "../dialects/v2/charging-profile.ts";
import { chargingProfileOf as v16ProfileOf } from "../dialects/v16/charging-profile.ts";
import { type StatusOutput, sendForStatus } from "./answers.ts";
import type { Command, CommandRow } from "./command.ts";
import { evseIdOf, type NamesConnector } from "./named-connector.ts";
import type { Session } from "./session.ts";

/** The answer of a command that gives a station a charging profile. */
export interface ProfileOutput extends StatusOutput {
  readonly profileId: number;
}

/**
 * How each generation sets a charging profile at the connector that a body means: 1.6 §5.16, 2.x K01.
 *
 * @param profileOf the profile in its neutral form; `evseId` 0 is the whole station
 */
export function profileRows<Input extends NamesConnector>(
  profileOf: (input: Input, session: Session, evseId: number) => ChargingProfile,
): Command<Input, ProfileOutput>["rows"] {
  const rowWith = (
    payloadOf: (evseId: number, profile: ChargingProfile) => object,
  ): CommandRow<Input, ProfileOutput> => ({
    async run(input, session) {
      const evseId = evseIdOf(session.station, input);
      const profile = profileOf(input, session, evseId);
      const output = await sendForStatus(session, "SetChargingProfile", payloadOf(evseId, profile));
      return { ...output, profileId: profile.profileId };
    },
  });
  return {
    v16: rowWith((connectorId, profile) => ({ connectorId, csChargingProfiles: v16ProfileOf(profile) })),
    v2: rowWith((evseId, profile) => ({ evseId, chargingProfile: v2ProfileOf(profile) })),
  };
}
