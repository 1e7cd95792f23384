import { isDeepStrictEqual } from "node:util";
import { cpIdOf, isIdentity, isUuid } from "../ids.ts";
import type { NetworksOf } from "../networks/membership.ts";
import type { Reader } from "../networks/reader.ts";
import { notFound, Problem } from "../problems.ts";
import type { RequestedBy } from "../store/items.ts";

/** Who calls, and what it may see. */
export interface Caller {
  /** The OAuth client. */
  readonly clientId: string;
  /** The client and its user, as commands and attempts keep them. */
  readonly requestedBy: RequestedBy;
  /**
   * The networks it belongs to, at least one: read once per request, and only when asked for.
   *
   * @throws Problem `no-network`
   */
  networks(): Promise<readonly string[]>;
  /**
   * Reads the networks again, where they were asked for before.
   *
   * @returns whether they are others than the remembered ones
   * @throws Problem `no-network`
   */
  rereadNetworks(): Promise<boolean>;
  /**
   * Which commands and attempts it may read: with `read:ocpp` those of its networks, otherwise its own.
   *
   * @throws Problem `no-network`
   */
  reader(): Promise<Reader>;
  /**
   * The network that is meant: the one named, else the caller's only one.
   *
   * @param place where the request can name it
   * @throws Problem `no-network`, `not-found` for a network that is not the caller's, `invalid-request` where it
   *   has several and none is named
   */
  networkFor(named: string | undefined, place?: NetworkPlace): Promise<string>;
  /**
   * Returns the cpId for a UUID, or for an identity in the caller's network. Does not check that the station exists
   * or belongs to the caller.
   *
   * @throws Problem as `networkFor`, and `not-found` for a text that cannot be an identity
   */
  resolveCpId(value: string, named: string | undefined, place?: NetworkPlace): Promise<string>;
}

/** Where a request names a network: a query parameter, or a member of the body. */
export type NetworkPlace = { readonly parameter: string } | { readonly pointer: string };

/** The bearer of a token, by its claims. */
export interface Bearer extends RequestedBy {
  /** Empty where the token names no client, or there is none: it belongs to no network. */
  readonly clientId: string;
  /** Whether the token has `read:ocpp`. */
  readonly readsCommands: boolean;
}

/** @param onResolved called with the cpId of the station that the request addresses */
export function createCaller(
  { readsCommands, ...requestedBy }: Bearer,
  networksOf: NetworksOf,
  onResolved: (cpId: string) => void,
): Caller {
  const { clientId } = requestedBy;
  let memberships: Promise<readonly string[]> | undefined;

  const networks = (): Promise<readonly string[]> => {
    memberships ??= memberOf();
    return memberships;
  };

  const rereadNetworks = async (): Promise<boolean> => {
    const before = await memberships;
    if (!before) return false;
    memberships = memberOf(true);
    return !isDeepStrictEqual(await memberships, before);
  };

  const memberOf = async (isFresh = false): Promise<readonly string[]> => {
    const own = clientId === "" ? [] : await networksOf(clientId, isFresh);
    if (own.length === 0) throw new Problem("no-network", "This client belongs to no network.");
    return own;
  };

  const reader = async (): Promise<Reader> => ({
    networks: await networks(),
    ...(!readsCommands && { only: requestedBy }),
  });

  const networkFor = async (
    named: string | undefined,
    place: NetworkPlace = { parameter: "network" },
  ): Promise<string> => {
    const own = await networks();
    if (named !== undefined) {
      if (!own.includes(named)) throw notFound("network");
      return named;
    }
    const [only, ...others] = own;
    if (only !== undefined && others.length === 0) return only;
    const detail = "Name the network that is meant, since this client belongs to several.";
    throw new Problem("invalid-request", detail, {
      errors: [{ ...place, detail: "is required" }],
    });
  };

  const resolveCpId = async (
    value: string,
    named: string | undefined,
    place?: NetworkPlace,
  ): Promise<string> => {
    if (named !== undefined) await networkFor(named);
    const cpId = isUuid(value) ? value.toLowerCase() : await cpIdOfIdentity(value, named, place);
    onResolved(cpId);
    return cpId;
  };

  const cpIdOfIdentity = async (
    identity: string,
    named: string | undefined,
    place?: NetworkPlace,
  ): Promise<string> => {
    if (!isIdentity(identity)) throw notFound("station");
    return cpIdOf(await networkFor(named, place), identity);
  };

  return { clientId, requestedBy, networks, rereadNetworks, reader, networkFor, resolveCpId };
}
