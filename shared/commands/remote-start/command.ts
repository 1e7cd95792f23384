import { refuseLocked } from "../../stations/locks.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";

export interface RemoteStartInput {
  readonly idTag: string;
  /** OCPP 2.x only. @default "Central" */
  readonly idTokenType?: string;
  /** Absent: the station chooses one. */
  readonly connector?: { readonly evseId: number; readonly connectorId: number };
  /** OCPP 2.x: the station's transaction refers to the start by this number. */
  readonly remoteStartId: number;
}

/** The start CALL of an attempt; the attempt is the resource that callers see. */
export const remoteStart: Command<RemoteStartInput, StatusOutput> = {
  name: "remote_start_attempt",
  verify: (station, { connector }) => refuseLocked(station, connector),
  rows: {
    /** §5.11 RemoteStartTransaction; a token has no type in 1.6. */
    v16: {
      run: ({ idTag, connector }, session) =>
        sendForStatus(session, "RemoteStartTransaction", {
          ...(connector && { connectorId: connector.evseId }),
          idTag,
        }),
    },

    /** F01 and F02, Remote Start Transaction: an EVSE is named, and the driver plugs in where it fits. */
    v2: {
      run: ({ idTag, idTokenType = "Central", connector, remoteStartId }, session) =>
        sendForStatus(session, "RequestStartTransaction", {
          ...(connector && { evseId: connector.evseId }),
          remoteStartId,
          idToken: { idToken: idTag, type: idTokenType },
        }),
    },
  },
};
