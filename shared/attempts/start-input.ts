import { requestIdOf } from "../calls/ids.ts";
import type { RemoteStartInput } from "../commands/remote-start/command.ts";
import type { ChargingProfile } from "../dialects/charging-profile.ts";
import type { AttemptItem } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";

/** Builds the input of an attempt's start command. */
export function startInputOf(attempt: AttemptItem): RemoteStartInput {
  const { attemptId, idTag, idTokenType, groupIdTag, evseId, connectorId, chargingProfile } = attempt;
  return {
    idTag,
    remoteStartId: requestIdOf(attemptId),
    ...(idTokenType !== undefined && { idTokenType }),
    ...(groupIdTag !== undefined && { groupIdTag }),
    ...(evseId !== undefined && connectorId !== undefined && { connector: { evseId, connectorId } }),
    ...(chargingProfile !== undefined && { chargingProfile: payloadOf<ChargingProfile>(chargingProfile) }),
  };
}
