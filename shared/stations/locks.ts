import { Problem } from "../problems.ts";
import type { StationItem } from "../store/items.ts";
import { connectorKey } from "./connectors.ts";

/**
 * Refuses a remote start where it is locked out: the station, the connector that is named, or, where none is
 * named, every connector that the station is known to have.
 *
 * @throws Problem `permanently-locked`
 */
export function refuseLocked(
  { lock, connectors }: Pick<StationItem, "lock" | "connectors">,
  connector: { readonly evseId: number; readonly connectorId: number } | undefined,
): void {
  const locked = (what: "station" | "connector") =>
    new Problem("permanently-locked", `The ${what} is permanently locked for remote starts.`, {
      locked: what,
    });
  if (lock === "permanent") throw locked("station");
  const concerned = connector ? [connectors[connectorKey(connector)]] : Object.values(connectors);
  if (concerned.length > 0 && concerned.every((one) => one?.lock === "permanent")) throw locked("connector");
}
