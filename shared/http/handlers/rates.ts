import { commandLocation } from "../../calls/location.ts";
import { isAccepted } from "../../commands/answers.ts";
import type { CommandDeps, CommandRequest } from "../../commands/request.ts";
import { runCommand } from "../../commands/run.ts";
import { Problem } from "../../problems.ts";
import {
  deleteRate,
  findRate,
  keepDisplay,
  listRates,
  putRate,
  rateVersion,
  readRate,
} from "../../rates/rates.ts";
import { findStation } from "../../stations/find.ts";
import { iso } from "../../time.ts";
import type { Handlers } from "../api.ts";
import { etagOf, preconditionOf } from "../if-match.ts";
import { parsePrefer, waitMsOf } from "../prefer.ts";
import { withRateLimit } from "../rate-limit.ts";
import type { rateRoutes } from "../routes/rates.ts";

/** Primary tag and subtags of RFC 5646, as short as OCPP 2.1 takes them. */
const LANGUAGE = /^(?=.{2,8}$)[a-z]{2,3}(-[a-z0-9]{1,8})*$/i;

/** What serves the routes of rates and their display. */
export function rateHandlers(deps: CommandDeps): Handlers<typeof rateRoutes> {
  const { table, clock } = deps;
  const now = (): string => iso(clock.now());

  return {
    putRate: async ({ params: { rateId }, query, headers, body, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      refuseUnknownLanguages(Object.keys(body.translations ?? {}));
      const networkId = await caller.networkFor(query.network);
      const { rate, isNew } = await putRate(table, { rateId, networkId, ...body }, precondition);
      return { status: isNew ? 201 : 200, headers: etagOf(rateVersion(rate)), body: rate };
    },

    getRate: async ({ params, query, caller }) => {
      const rate = await readRate(table, await caller.networkFor(query.network), params.rateId);
      return { status: 200, headers: etagOf(rateVersion(rate)), body: rate };
    },

    listRates: async ({ query: { network, ...page }, caller }) => {
      const networkId = await caller.networkFor(network);
      return { status: 200, body: await listRates(table, networkId, page) };
    },

    deleteRate: async ({ params, query, headers, caller }) => {
      const precondition = preconditionOf(headers["if-match"]);
      await deleteRate(table, await caller.networkFor(query.network), params.rateId, precondition);
      return { status: 204 };
    },

    syncRate: async ({ params, query, headers, caller, idempotency }) => {
      const cpId = await caller.resolveCpId(params.assetId, query.network);
      const networks = await caller.networks();
      const { networkId, rateId } = await findStation(table, cpId, networks);
      const rate = rateId === undefined ? undefined : await findRate(table, networkId, rateId);
      if (!rate)
        throw new Problem("no-rate-assigned", "No rate is assigned to the station; assign a rate first.");
      const request: CommandRequest<"syncRate"> = {
        name: "syncRate",
        input: { rate },
        cpId,
        networks,
        requestedBy: caller.requestedBy,
        waitMs: waitMsOf(parsePrefer(headers.prefer)),
        idempotency,
      };
      const { result, headers: rateLimit } = await withRateLimit((onAdmitted) =>
        runCommand(deps, { ...request, onAdmitted }),
      );
      const { ocppMessageId, connection, status } = result;
      const timestamp = now();
      if (isAccepted(status))
        await keepDisplay(table, cpId, { state: "shown", rateId: rate.rateId, at: timestamp });
      const data = { ocppMessageId, rateId: rate.rateId, connection };
      return { status: 200, headers: rateLimit, body: { ...(status && { status }), timestamp, data } };
    },

    disableRate: async ({ params, query, headers, caller, idempotency }) => {
      const cpId = await caller.resolveCpId(params.assetId, query.network);
      const request: CommandRequest<"disableRate"> = {
        name: "disableRate",
        input: {},
        cpId,
        networks: await caller.networks(),
        requestedBy: caller.requestedBy,
        waitMs: waitMsOf(parsePrefer(headers.prefer)),
        idempotency,
      };
      const { result, headers: rateLimit } = await withRateLimit((onAdmitted) =>
        runCommand(deps, { ...request, onAdmitted }),
      );
      const { commandId, status } = result;
      const located = { Location: commandLocation(commandId), ...rateLimit };
      if (status !== undefined && !isAccepted(status))
        return { status: 200, headers: located, body: { status } };
      if (status !== undefined) await keepDisplay(table, cpId, { state: "disabled", at: now() });
      return { status: 200, headers: located };
    },
  };
}

function refuseUnknownLanguages(languages: readonly string[]): void {
  const errors = languages
    .filter((language) => !LANGUAGE.test(language))
    .map((language) => ({
      pointer: `/translations/${language.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      detail: "must be a language tag of at most 8 characters",
    }));
  if (errors.length > 0)
    throw new Problem("invalid-request", "A language tag is not valid; see `errors`.", { errors });
}
