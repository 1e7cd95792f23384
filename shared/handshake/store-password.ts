import { isDeepStrictEqual } from "node:util";
import type { BasicAuth, StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite } from "../store/table.ts";

/**
 * Changes the stored passwords of a station. If another request has changed them, reads again and repeats. One write
 * without concurrent changes.
 *
 * @param station its id, or the station if it has just been read
 * @param change returns its argument if there is nothing to change
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
        // a station that was removed and registered again has no revision either, and another password
        condition: `#auth.passwordId = :id AND ${
          before.revision === undefined
            ? "attribute_not_exists(#auth.revision)"
            : "#auth.revision = :revision"
        }`,
        names: { "#auth": "auth" },
        values: {
          ":after": after,
          ":id": before.passwordId,
          ...(before.revision !== undefined && { ":revision": before.revision }),
        },
      }),
      ({ auth }) => isDeepStrictEqual(auth, after),
    );
    if (applied) return;
    seen = item;
  }
}
