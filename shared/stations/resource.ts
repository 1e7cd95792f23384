import { type LookDeps, withLiveConnection } from "../calls/live-connection.ts";
import { lastSeenAt } from "../log/last-seen.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import type { Link, Location, Lock, StationAuth, StationItem } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";
import { iso } from "../time.ts";
import { type ConnectorResource, connectorsOf } from "./connectors.ts";

/** A station as API consumers read it. */
export interface StationResource {
  readonly cpId: string;
  readonly identity: string;
  readonly networkId: string;
  readonly link: Link;
  readonly auth: { readonly type: StationAuth["type"] };
  readonly lock: Lock;
  readonly rateId?: string;
  readonly rateDisplay?: NonNullable<StationItem["rateDisplay"]>;
  readonly defaultProtocol?: Protocol;
  readonly name?: string;
  readonly tags: readonly string[];
  readonly location?: Location;
  readonly connectors: readonly ConnectorResource[];
  readonly connection: ConnectionResource;
  readonly boot?: Readonly<Record<string, unknown>>;
  readonly violations?: { readonly count: number; readonly lastAt: string; readonly lastAction: string };
  readonly refusals?: NonNullable<StationItem["refusals"]>;
}

export interface ConnectionResource {
  readonly connected: boolean;
  readonly connectionId?: string;
  readonly protocol?: Protocol;
  readonly connectedAt?: string;
  readonly lastSeenAt?: string;
  readonly unresponsive?: true;
}

/** A station that sends messages counts as unresponsive after so many consecutive CALLs without an answer. */
const ZOMBIE_TIMEOUTS = 3;

/**
 * The station with the time of its last message, which takes one Query of its log. It reads connected only while its
 * connection can be open.
 */
export async function stationResource(deps: LookDeps, stored: StationItem): Promise<StationResource> {
  const seenAt = await lastSeenAt(deps.table, stored);
  const station = await withLiveConnection(deps, stored, seenAt === undefined ? 0 : Date.parse(seenAt));
  const { cpId, identity, networkId, link, auth, lock, rateId, rateDisplay, defaultProtocol, boot } = station;
  const { name, tags = [], location, violationCount, lastViolation, refusals } = station;
  return {
    cpId,
    identity,
    networkId,
    link,
    auth: { type: auth.type },
    lock,
    ...(rateId && { rateId }),
    ...(rateDisplay && { rateDisplay }),
    ...(defaultProtocol && { defaultProtocol }),
    ...(name !== undefined && { name }),
    tags,
    ...(location && { location }),
    connectors: connectorsOf(station),
    connection: connectionResource(station, seenAt),
    ...(boot && { boot: payloadOf<Record<string, unknown>>(boot) }),
    ...(violationCount &&
      lastViolation && {
        violations: { count: violationCount, lastAt: lastViolation.at, lastAction: lastViolation.action },
      }),
    ...(refusals && { refusals }),
  };
}

function connectionResource(
  { connection, timeoutsInRow = 0 }: StationItem,
  seenAt: string | undefined,
): ConnectionResource {
  return {
    connected: connection !== undefined,
    ...(connection && {
      connectionId: connection.connectionId,
      protocol: connection.protocol,
      connectedAt: iso(connection.connectedAtMs),
    }),
    ...(seenAt && { lastSeenAt: seenAt }),
    ...(connection && timeoutsInRow >= ZOMBIE_TIMEOUTS && { unresponsive: true }),
  };
}
