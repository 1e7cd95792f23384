import type { ChargingProfile } from "../../dialects/charging-profile.ts";
import { chargingProfileOf as v2ProfileOf } from "../../dialects/v2/charging-profile.ts";
import { chargingProfileOf as v16ProfileOf } from "../../dialects/v16/charging-profile.ts";
import { refuseLocked } from "../../stations/locks.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import { notSupported } from "../not-supported.ts";

export interface RemoteStartInput {
  readonly idTag: string;
  /** OCPP 2.x only. @default "Central" */
  readonly idTokenType?: string;
  /** OCPP 2.x only: the group that the token belongs to. */
  readonly groupIdTag?: string;
  /** Absent: the station chooses one. */
  readonly connector?: { readonly evseId: number; readonly connectorId: number };
  /** OCPP 2.x: the station's transaction refers to the start by this number. */
  readonly remoteStartId: number;
  readonly chargingProfile?: ChargingProfile;
}

const ACTION = "RemoteStartTransaction";

/** The start CALL of an attempt; the attempt is the resource that callers see. */
export const remoteStart: Command<RemoteStartInput, StatusOutput> = {
  name: "remote_start_attempt",
  verify: (station, { connector }) => refuseLocked(station, connector),
  rows: {
    /** §5.11 RemoteStartTransaction; a token has no type in 1.6, and no group before it is authorized. */
    v16: {
      async run({ idTag, groupIdTag, connector, chargingProfile }, session) {
        if (groupIdTag !== undefined) throw notSupported(session.protocol, ACTION, `groupIdTag in ${ACTION}`);
        return sendForStatus(session, ACTION, {
          ...(connector && { connectorId: connector.evseId }),
          idTag,
          ...(chargingProfile && { chargingProfile: v16ProfileOf(chargingProfile) }),
        });
      },
    },

    /** F01 and F02, Remote Start Transaction: an EVSE is named, and the driver plugs in where it fits. */
    v2: {
      run: (
        { idTag, idTokenType = "Central", groupIdTag, connector, remoteStartId, chargingProfile },
        session,
      ) =>
        sendForStatus(session, "RequestStartTransaction", {
          ...(connector && { evseId: connector.evseId }),
          ...(groupIdTag !== undefined && { groupIdToken: { idToken: groupIdTag, type: "Central" } }),
          remoteStartId,
          idToken: { idToken: idTag, type: idTokenType },
          ...(chargingProfile && { chargingProfile: v2ProfileOf(chargingProfile) }),
        }),
    },
  },
};
