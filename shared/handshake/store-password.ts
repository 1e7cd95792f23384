import { isDeepStrictEqual } from "node:util";
import type { BasicAuth, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";

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
    const { applied, item } = await tryWrite<StationItem>(
      table.update({
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
      }),
      ({ auth }) => isDeepStrictEqual(auth, after),
    );
    if (applied) return;
    seen = item;
  }
}
