import type { FromSchema } from "json-schema-to-ts";
import { Problem } from "../problems.ts";
import { readRate } from "../rates/rates.ts";
import type { ImportedStation } from "../stations/import.ts";
import type { Table } from "../store/table.ts";
import type { Caller } from "./caller.ts";
import { readBody } from "./middleware/validate-request.ts";
import { NewStation } from "./routes/stations.ts";

/**
 * How many stations of an import may bring a password. Such a password is hashed with the parameters of a handshake:
 * 70 ms each on the function's share of a processor, 14 s of the 30 s that an HTTP API has.
 */
const MAX_PASSWORDS = 200;

type Body = FromSchema<typeof NewStation>;

const problem = (detail: string, errors: readonly object[]): Problem =>
  new Problem("invalid-request", detail, { errors });

/**
 * The stations of an import, each checked like the body of a registration when it is its turn. A rate and a network
 * that many name are looked up once.
 *
 * @throws Problem `invalid-request` for too many passwords
 */
export function stationsToImport(
  table: Table,
  caller: Caller,
  stations: readonly Readonly<Record<string, unknown>>[],
): ImportedStation[] {
  const withPassword = stations.filter(
    ({ auth }) => (auth as { password?: unknown } | null)?.password != null,
  );
  if (withPassword.length > MAX_PASSWORDS) {
    const detail = `must have at most ${MAX_PASSWORDS} stations with a password of their own`;
    throw problem("The import has too many passwords; see `errors`.", [{ pointer: "/stations", detail }]);
  }
  const networks = new Map<string | undefined, Promise<string>>();
  const networkOf = (named: string | undefined): Promise<string> => {
    const known = networks.get(named) ?? caller.networkFor(named, { pointer: "/networkId" });
    networks.set(named, known);
    return known;
  };
  const rates = new Map<string, Promise<unknown>>();
  const findRate = (networkId: string, rateId: string): Promise<unknown> => {
    const key = JSON.stringify([networkId, rateId]);
    const known = rates.get(key) ?? readRate(table, networkId, rateId);
    rates.set(key, known);
    return known;
  };
  return stations.map((station) => ({
    identity: typeof station.identity === "string" ? station.identity : "",
    registration: async () => {
      const { body, errors } = readBody(NewStation, station);
      if (errors.length > 0) throw problem("The station violates its schema; see `errors`.", errors);
      const wanted = body as Body & Pick<Required<Body>, "link" | "lock">;
      const networkId = await networkOf(wanted.networkId);
      if (wanted.rateId !== undefined) await findRate(networkId, wanted.rateId);
      return { ...wanted, networkId };
    },
  }));
}
