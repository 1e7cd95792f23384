import type { StationItem } from "../store/items.ts";
import type { Expression } from "../store/table.ts";
import { versionOf } from "../store/version.ts";

/** The version of what callers write of a station. What the station reports changes nothing of it. */
export const stationVersion = ({ createdAt, revision = 0 }: StationItem): string =>
  versionOf({ createdAt, revision });

/** The condition that callers have written nothing since the station was read. */
export const isUnchanged = ({ createdAt, revision }: StationItem) =>
  ({
    condition: `createdAt = :createdAt AND ${revision === undefined ? "attribute_not_exists(#revision)" : "#revision = :seen"}`,
    names: { "#revision": "revision" },
    values: { ":createdAt": createdAt, ...(revision !== undefined && { ":seen": revision }) },
  }) satisfies Expression & { condition: string };
