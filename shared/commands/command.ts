import type { Generation } from "../ocpp/versions.ts";
import type { StationItem } from "../store/items.ts";
import type { Session } from "./session.ts";

/** A command of the API, for stations of every version. */
export interface Command<Input, Output> {
  /** The name in the command resource. */
  readonly name: string;
  /** How each generation of OCPP carries it out; 2.0.1 and 2.1 differ in no command. */
  readonly rows: { readonly [G in Generation]: CommandRow<Input, Output> };
  /**
   * Checks the station before its connection matters.
   *
   * @throws Problem such as `not-found` for a connector that the station does not have
   */
  verify?(station: StationItem, input: Input): void;
}

/** How one generation of OCPP carries out a command. */
export interface CommandRow<Input, Output> {
  /** The number of CALLs; a session that learns better calls `expectCalls`. @default 1 */
  callCount?(input: Input, station: StationItem): number;
  /** Turns the command into CALLs, and their answers into the result. */
  run(input: Input, session: Session): Promise<Output>;
}
