import { canBeOpen } from "../calls/live-connection.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import type { Lock, StationItem } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";

/** What stations are found by; a station matches if it matches each. */
export interface StationFilter {
  /** The beginning of the identity. */
  readonly identity?: string | undefined;
  readonly connected?: boolean | undefined;
  readonly protocol?: Protocol | undefined;
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  readonly firmwareVersion?: string | undefined;
  /** Of at least one connector. */
  readonly status?: string | undefined;
  readonly lock?: Lock | undefined;
  /** Several are separated by commas; the station has all. */
  readonly tag?: string | undefined;
}

type Test = (station: StationItem) => boolean;

/**
 * The condition of a filter, without the identity, which the index finds.
 *
 * @returns undefined if every station matches
 */
export function matcherOf(
  { connected, protocol, vendor, model, firmwareVersion, status, lock, tag }: StationFilter,
  now: number,
): Test | undefined {
  const isConnected: Test = ({ connection }) => connection !== undefined && canBeOpen(connection, now);
  const tags = tag?.split(",").map((each) => each.trim());
  const tests: (Test | undefined)[] = [
    connected === undefined ? undefined : (station) => isConnected(station) === connected,
    protocol &&
      ((station) =>
        (isConnected(station) ? station.connection?.protocol : station.defaultProtocol) === protocol),
    vendor === undefined ? undefined : (station) => isSame(bootOf(station).vendor, vendor),
    model === undefined ? undefined : (station) => isSame(bootOf(station).model, model),
    firmwareVersion === undefined
      ? undefined
      : (station) => isSame(bootOf(station).firmwareVersion, firmwareVersion),
    status === undefined
      ? undefined
      : ({ connectorStatus }) => Object.values(connectorStatus).some((one) => isSame(one.status, status)),
    lock && ((station) => station.lock === lock),
    tags && ((station) => tags.every((each) => station.tags?.includes(each))),
  ];
  const given = tests.filter((test) => test !== undefined);
  return given.length > 0 ? (station) => given.every((test) => test(station)) : undefined;
}

/** Most of these texts are CiStrings in OCPP, which compares them in any case. */
const isSame = (value: unknown, wanted: string): boolean =>
  typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();

interface Boot {
  readonly chargePointVendor?: unknown;
  readonly chargePointModel?: unknown;
  readonly firmwareVersion?: unknown;
  readonly chargingStation?: unknown;
}

/** What the last BootNotification named, by the members of OCPP 1.6 or 2.x. */
function bootOf({ boot }: StationItem): {
  readonly vendor?: unknown;
  readonly model?: unknown;
  readonly firmwareVersion?: unknown;
} {
  if (boot === undefined) return {};
  const { chargePointVendor, chargePointModel, firmwareVersion, chargingStation } = payloadOf<Boot>(boot);
  if (typeof chargingStation !== "object" || chargingStation === null)
    return { vendor: chargePointVendor, model: chargePointModel, firmwareVersion };
  const { vendorName, ...named } = chargingStation as Record<string, unknown>;
  return { ...named, vendor: vendorName };
}
