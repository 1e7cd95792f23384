import { isDeepStrictEqual } from "node:util";
import type { BasicAuth, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { ConditionFailed, isOwnWrite, type Table } from "../store/table.ts";

/**
 * Changes what is known of a station's password, if nobody else did meanwhile; else looks again. One write where
 * nobody does.
 *
 * @param station its id, or the station where it has just been read
 * @param change returns its argument where there is nothing to change
 */
export async function changePassword(
  table: Table,
  station: StationItem | string,
  change: (auth: BasicAuth) => BasicAuth,
): Promise<void> {
  let seen: StationItem | undefined =
    typeof station === "string" ? await table.get<StationItem>(stationKey(station)) : station;
  while (seen?.auth.type === "basic") {
    const before = seen.auth;
    const after = change(before);
    if (after === before) return;
    try {
      await table.update({
        key: stationKey(seen.cpId),
        update: "SET #auth = :after",
        // a station that was removed and registered again has no revision either, and another hash
        condition: `#auth.passwordHash = :hash AND ${
          before.revision === undefined
            ? "attribute_not_exists(#auth.revision)"
            : "#auth.revision = :revision"
        }`,
        names: { "#auth": "auth" },
        values: {
          ":after": after,
          ":hash": before.passwordHash,
          ...(before.revision !== undefined && { ":revision": before.revision }),
        },
      });
      return;
    } catch (error) {
      if (isOwnWrite<StationItem>(error, ({ auth }) => isDeepStrictEqual(auth, after))) return;
      if (!(error instanceof ConditionFailed)) throw error;
      seen = error.item as StationItem | undefined;
    }
  }
}
