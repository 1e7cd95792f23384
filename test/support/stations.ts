import { cpIdOf } from "../../shared/ids.ts";
import type { StationItem } from "../../shared/store/items.ts";
import { type Key, type ListKey, stationKey, stationListKey } from "../../shared/store/keys.ts";

/** A station as it stands right after its registration. */
export function newStation(
  about: Partial<StationItem> & Pick<StationItem, "identity">,
): StationItem & Key & ListKey {
  const { networkId = "default", identity } = about;
  const cpId = cpIdOf(networkId, identity);
  return {
    ...stationKey(cpId),
    ...stationListKey(networkId, identity),
    cpId,
    networkId,
    link: "broker",
    auth: { type: "none" },
    lock: "none",
    createdAt: new Date(0).toISOString(),
    lane: [],
    connectors: {},
    connectorStatus: {},
    openAttempts: {},
    charges: {},
    ...about,
  };
}
