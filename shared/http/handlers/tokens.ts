import type { FromSchema } from "json-schema-to-ts";
import { atOnce } from "../../at-once.ts";
import { Problem, type ProblemDetails } from "../../problems.ts";
import { parseDateTime } from "../../schema/date-time.ts";
import type { Table } from "../../store/table.ts";
import { iso } from "../../time.ts";
import {
  deleteToken,
  importToken,
  listTokens,
  putToken,
  readToken,
  type TokenOutcome,
  type TokenResource,
  tokenVersion,
} from "../../tokens/tokens.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import { etagOf, preconditionOf } from "../if-match.ts";
import { readBody } from "../middleware/validate-request.ts";
import { NewToken, type tokenRoutes } from "../routes/tokens.ts";
import { READ_MS } from "../search-of.ts";

/** How many writes are under way at once. */
const AT_ONCE = 25;

type WrittenToken = FromSchema<typeof NewToken>;

/** The outcome of one token of an import. */
interface Imported {
  readonly idTag: string;
  readonly outcome: TokenOutcome | "problem";
  readonly problem?: ProblemDetails;
}

/** What serves the routes of token lists. */
export function tokenHandlers({ table }: { readonly table: Table }): Handlers<typeof tokenRoutes> {
  const respond = (status: number, token: TokenResource): ApiResponse => ({
    status,
    headers: etagOf(tokenVersion(token)),
    body: token,
  });

  return {
    importTokens: async ({ query, body, caller }) => {
      const networkId = await caller.networkFor(query.network);
      const results = await importTokens(table, networkId, body.tokens);
      const count = (wanted: Imported["outcome"]) =>
        results.filter(({ outcome }) => outcome === wanted).length;
      const counts = {
        created: count("created"),
        updated: count("updated"),
        exists: count("exists"),
        problem: count("problem"),
      };
      return { status: 200, body: { results, counts } };
    },

    putToken: async ({ params: { idTag }, query, headers, body, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      const networkId = await caller.networkFor(query.network);
      const { token, isNew } = await putToken(table, tokenOf(networkId, { idTag, ...body }), precondition);
      return respond(isNew ? 201 : 200, token);
    },

    getToken: async ({ params, query, caller }) =>
      respond(200, await readToken(table, await caller.networkFor(query.network), params.idTag)),

    deleteToken: async ({ params, query, headers, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      await deleteToken(table, await caller.networkFor(query.network), params.idTag, precondition);
      return { status: 204 };
    },

    listTokens: async ({ query: { network, ...query }, caller, remainingMs }) => {
      const networkId = await caller.networkFor(network);
      const mayGoOn = () => remainingMs() > READ_MS;
      return { status: 200, body: await listTokens(table, networkId, { ...query, mayGoOn }) };
    },
  };
}

/** One token has one form, however its time is written: its version depends on it. */
function tokenOf(networkId: string, { expiresAt, ...token }: WrittenToken): TokenResource {
  const endsAtMs = expiresAt === undefined ? undefined : parseDateTime(expiresAt);
  return { ...token, networkId, ...(endsAtMs !== undefined && { expiresAt: iso(endsAtMs) }) };
}

/** Imports tokens, each by itself. Of a repeated token, the last row counts. */
async function importTokens(
  table: Table,
  networkId: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<Imported[]> {
  const results: Imported[] = [];
  const read = rows.map((row, place) => ({ place, ...readBody(NewToken, row) }));
  for (const { place, errors } of read) {
    if (errors.length === 0) continue;
    const { idTag } = rows[place] ?? {};
    const problem = new Problem("invalid-request", "The token violates its schema; see `errors`.", {
      errors,
    });
    results[place] = {
      idTag: typeof idTag === "string" ? idTag : "",
      outcome: "problem",
      problem: problem.toDetails(),
    };
  }
  const valid = read.flatMap(({ place, body, errors }) =>
    errors.length === 0 ? [{ place, token: tokenOf(networkId, body as WrittenToken) }] : [],
  );
  const groups = Map.groupBy(valid, ({ token }) => token.idTag.toLowerCase());
  await atOnce(AT_ONCE, [...groups.values()], async (group) => {
    for (const { place, token } of group)
      results[place] = { idTag: token.idTag, outcome: await importToken(table, token) };
  });
  return results;
}
