import { refuseLocked } from "../stations/locks.ts";
import type { Command } from "./command.ts";

export interface RemoteStartInput {
  readonly idTag: string;
  /** OCPP 2.x; the dialect's default where it is absent. */
  readonly idTokenType?: string;
  /** None: the station chooses one. */
  readonly connector?: { readonly evseId: number; readonly connectorId: number };
  /** OCPP 2.x: what the station's transaction will name the start by. */
  readonly remoteStartId: number;
}

export const remoteStart: Command<RemoteStartInput> = {
  name: "remote_start_attempt",
  verify: (station, { connector }) => refuseLocked(station, connector),
};
