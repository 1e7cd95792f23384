import type { ConnectedStation } from "../calls/turn.ts";
import type { StationItem } from "../store/items.ts";
import type { Table } from "../store/table.ts";
import type { Session } from "./session.ts";

/** A command of the API, whatever version the station speaks. */
export interface Command<Input> {
  /** As the command resource names it. */
  readonly name: string;
  /**
   * Looks at the station before its connection matters.
   *
   * @throws Problem such as `not-found` for a connector the station does not have
   */
  verify?(station: StationItem, input: Input): void;
  /**
   * Stores what must be there before a CALL goes out, whose turn it is; nothing is sent where it throws.
   *
   * @param station as it was when its turn came
   * @returns how to take that back, where the CALL was not sent after all
   */
  prepare?(table: Table, station: ConnectedStation, input: Input, messageId: string): Promise<TakeBack>;
}

/** @param sentBy whether the CALL went out for another request of the same Idempotency-Key, or for none */
export type TakeBack = (sentBy: "nobody" | "another") => Promise<void>;

/** How one OCPP version carries out a command. */
export interface CommandRow<Input, Output> {
  /** How many CALLs it takes, where that is not one; a session that learns better tells by `expectCalls`. */
  callCount?(input: Input, station: StationItem): number;
  /** Turns the command into CALLs and their answers into its result. */
  run(input: Input, session: Session): Promise<Output>;
}
