import type { StationItem } from "../store/items.ts";
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
}

/** How one OCPP version carries out a command. */
export interface CommandRow<Input, Output> {
  /** How many CALLs it takes, where that is not one; a session that learns better tells by `expectCalls`. */
  callCount?(input: Input, station: StationItem): number;
  /** Turns the command into CALLs and their answers into its result. */
  run(input: Input, session: Session): Promise<Output>;
}
