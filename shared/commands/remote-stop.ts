import type { Command } from "./command.ts";

export interface RemoteStopInput {
  /** Of a transaction that is known here or not: what the station says of it counts. */
  readonly transactionId: string;
}

export const remoteStop: Command<RemoteStopInput> = { name: "remote_stop" };
