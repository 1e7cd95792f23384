import { cpIdOf, isIdentity, isUuid } from "../ids.ts";
import { networksOf } from "../networks/membership.ts";
import { notFound, Problem } from "../problems.ts";
import type { Table } from "../store/table.ts";

/** Who calls, and what it may see. */
export interface Caller {
  /** The OAuth client. */
  readonly clientId: string;
  /** The networks it belongs to: one read per request, and none where nobody asks. */
  networks(): Promise<readonly string[]>;
  /**
   * The network that is meant: the one named, else the caller's only one.
   *
   * @throws Problem `not-found` for a network that is not the caller's, `invalid-request` where it has
   *   several and none is named
   */
  networkFor(named: string | undefined): Promise<string>;
  /**
   * The cpId that is meant by a UUID, or by an identity in the caller's network. Whether there is such a
   * station, and whether it is the caller's, is not said.
   *
   * @throws Problem as `networkFor`, and `not-found` for what can be no identity
   */
  resolveCpId(value: string, named: string | undefined): Promise<string>;
}

/**
 * @param clientId empty where no token was asked for: nobody, who belongs to no network
 * @param onResolved told which station the request is about
 */
export function createCaller(clientId: string, table: Table, onResolved: (cpId: string) => void): Caller {
  let memberships: Promise<readonly string[]> | undefined;

  const networks = (): Promise<readonly string[]> => {
    memberships ??= clientId === "" ? Promise.resolve([]) : networksOf(table, clientId);
    return memberships;
  };

  const networkFor = async (named: string | undefined): Promise<string> => {
    const own = await networks();
    if (named !== undefined) {
      if (!own.includes(named)) throw notFound("network");
      return named;
    }
    const [only, ...others] = own;
    if (only !== undefined && others.length === 0) return only;
    const detail = "Name the network that is meant, since this client belongs to several.";
    throw new Problem("invalid-request", detail, {
      errors: [{ pointer: "/network", detail: "is required" }],
    });
  };

  const resolveCpId = async (value: string, named: string | undefined): Promise<string> => {
    if (named !== undefined) await networkFor(named);
    const cpId = isUuid(value) ? value.toLowerCase() : await cpIdOfIdentity(value, named);
    onResolved(cpId);
    return cpId;
  };

  const cpIdOfIdentity = async (identity: string, named: string | undefined): Promise<string> => {
    if (!isIdentity(identity)) throw notFound("station");
    return cpIdOf(await networkFor(named), identity);
  };

  return { clientId, networks, networkFor, resolveCpId };
}
