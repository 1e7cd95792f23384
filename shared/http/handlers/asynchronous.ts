import { isRunning } from "../../attempts/attempt.ts";
import { type CreateDeps, createAttempt, MAX_VALIDITY_MS } from "../../attempts/create.ts";
import { listAttempts } from "../../attempts/list.ts";
import { lookAtAttempt } from "../../attempts/read.ts";
import { attemptResource } from "../../attempts/resource.ts";
import { apply, findAttempt } from "../../attempts/store.ts";
import { type CommandName, commands, type Input } from "../../commands/commands.ts";
import { queueCommand, queueOrSendCommand } from "../../commands/queue.ts";
import { readReference, readWork } from "../../commands/reference.ts";
import type { CommandDeps, CommandRequest } from "../../commands/request.ts";
import type { Reader } from "../../networks/reader.ts";
import { Problem } from "../../problems.ts";
import { parseDateTime } from "../../schema/date-time.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import type { CommandCall } from "../command-request.ts";
import { refuseTwoConnectors } from "../connector-names.ts";
import type { asynchronousRoutes } from "../routes/asynchronous.ts";
import { searchOf } from "../search-of.ts";

const ROOT = "/remote_commands/asynchronous";

/** How long a station has for its answer, its turn included. */
const WAIT_MS = 25_000;

/** The handlers of commands that are answered before the station answers. */
export function asynchronousHandlers(deps: CreateDeps & CommandDeps): Handlers<typeof asynchronousRoutes> {
  const { table, clock } = deps;

  const look = (attemptId: string, reader: Reader) => lookAtAttempt(deps, attemptId, reader, clock.now());

  /** Queues a command and answers with the address of its resource. */
  const accept = async <Name extends CommandName>(
    name: Name,
    input: Input<Name>,
    {
      path,
      ...request
    }: Pick<CommandRequest, "cpId" | "networks" | "requestedBy" | "idempotency"> & { path: string },
  ): Promise<ApiResponse> => {
    const { commandId: id } = await queueCommand(deps, { ...request, name, input, waitMs: WAIT_MS });
    const about = { command: commands[name].name, reader: { networks: request.networks } };
    return {
      status: 202,
      headers: { Location: `${ROOT}/${path}/status/${id}` },
      body: await readReference(table, id, about, clock.now()),
    };
  };

  /** Accepts a command whose work goes on; one with a secret is not queued, but sent. */
  const begin = async <Name extends "getLog" | "updateFirmware">(
    name: Name,
    input: Input<Name>,
    { params, query, caller, idempotency }: WorkCall,
  ): Promise<ApiResponse> => {
    const cpId = await caller.resolveCpId(params.cpId, query.network);
    const networks = await caller.networks();
    const { requestedBy } = caller;
    const request = { name, input, cpId, networks, requestedBy, idempotency, waitMs: WAIT_MS };
    const { commandId: id } = await queueOrSendCommand(deps, request);
    const command = commands[name].name;
    return {
      status: 202,
      headers: { Location: `${ROOT}/${encodeURIComponent(params.cpId)}/${command}/status/${id}` },
      body: await readWork(table, id, { command, cpId, reader: { networks } }, clock.now()),
    };
  };

  const lookAtWork = async (
    name: "getLog" | "updateFirmware",
    {
      params,
      query,
      caller,
    }: Pick<WorkCall, "query" | "caller"> & {
      readonly params: { readonly cpId: string; readonly referenceId: string };
    },
  ): Promise<ApiResponse> => {
    const cpId = await caller.resolveCpId(params.cpId, query.network);
    const about = { command: commands[name].name, cpId, reader: await caller.reader() };
    return { status: 200, body: await readWork(table, params.referenceId, about, clock.now()) };
  };

  return {
    getLog: ({ body, ...call }) => begin("getLog", body, call),
    getGetLog: (call) => lookAtWork("getLog", call),
    updateFirmware: ({ body, ...call }) => begin("updateFirmware", body, call),
    getUpdateFirmware: (call) => lookAtWork("updateFirmware", call),

    createRemoteStartAttempt: async ({ body, query, caller, idempotency }) => {
      const { cpId: named, validUntil, connector, connectorUuid = connector, ...others } = body;
      refuseTwoConnectors(body);
      const wanted = { ...others, connectorUuid };
      const validUntilMs = validUntil === undefined ? undefined : checkedValidity(validUntil, clock.now());
      const cpId = await caller.resolveCpId(named, query.network);
      const networks = await caller.networks();
      const { requestedBy } = caller;
      const attempt = await createAttempt(deps, {
        ...wanted,
        cpId,
        networks,
        requestedBy,
        validUntilMs,
        idempotency,
      });
      return {
        status: 201,
        headers: { Location: `${ROOT}/remote_start_attempt/${attempt.attemptId}` },
        body: attemptResource(attempt),
      };
    },

    listRemoteStartAttempts: async ({ query, caller, remainingMs }) => {
      const { network: _, ...filter } = query;
      const about = await searchOf(caller, query, remainingMs);
      return { status: 200, body: await listAttempts(table, { ...filter, ...about, now: clock.now() }) };
    },

    getRemoteStartAttempt: async ({ params, caller }) => ({
      status: 200,
      body: attemptResource(await look(params.attemptId, await caller.reader())),
    }),

    cancelRemoteStartAttempt: async ({ params, caller }) => {
      const ofNetwork = { networks: await caller.networks() };
      const seen = await findAttempt(table, params.attemptId, ofNetwork);
      const cancel = { type: "cancel", atMs: clock.now() } as const;
      const { applied, attempt } = await apply(deps, seen.attemptId, cancel, seen);
      if (applied && attempt) return { status: 200, body: attemptResource(attempt) };
      const { state } = await look(params.attemptId, ofNetwork);
      throw new Problem(
        "attempt-not-pending",
        `The attempt is ${state}; only a pending attempt can be cancelled.`,
        {
          state,
        },
      );
    },

    remoteStop: async ({ body, query, caller, idempotency }) => {
      const about = { networks: await caller.networks(), requestedBy: caller.requestedBy, idempotency };
      if (body.remoteStartAttemptId !== undefined) {
        if (body.cpId !== undefined || body.transactionId !== undefined) throw namesNoCharge();
        const attempt = await look(body.remoteStartAttemptId, about);
        const { cpId, state, transactionId } = attempt;
        if (!isRunning(attempt) || transactionId === undefined)
          throw new Problem(
            "attempt-not-started",
            `The attempt is ${state}; it has no running transaction to stop.`,
            {
              state,
            },
          );
        return accept("remoteStop", { transactionId }, { ...about, cpId, path: "remote_stop" });
      }
      if (body.cpId === undefined || body.transactionId === undefined) throw namesNoCharge();
      const cpId = await caller.resolveCpId(body.cpId, query.network);
      const input = { transactionId: String(body.transactionId) };
      return accept("remoteStop", input, { ...about, cpId, path: "remote_stop" });
    },

    getRemoteStop: async ({ params, caller }) => {
      const about = { command: commands.remoteStop.name, reader: await caller.reader() };
      return { status: 200, body: await readReference(table, params.referenceId, about, clock.now()) };
    },

    clearCache: async ({ params, query, caller, idempotency }) => {
      const cpId = await caller.resolveCpId(params.cpId, query.network);
      const path = `${encodeURIComponent(params.cpId)}/clear_cache`;
      const networks = await caller.networks();
      return accept("clearCache", {}, { cpId, networks, requestedBy: caller.requestedBy, path, idempotency });
    },

    getClearCache: async ({ params, query, caller }) => {
      const cpId = await caller.resolveCpId(params.cpId, query.network);
      const about = { command: commands.clearCache.name, cpId, reader: await caller.reader() };
      return { status: 200, body: await readReference(table, params.referenceId, about, clock.now()) };
    },
  };
}

/** A request of a command whose work goes on. */
interface WorkCall extends Omit<CommandCall, "headers"> {
  readonly params: { readonly cpId: string };
  readonly query: { readonly network?: string };
}

const namesNoCharge = (): Problem =>
  new Problem("invalid-request", "The body does not identify a transaction; see `errors`.", {
    errors: [{ pointer: "", detail: "must have either remoteStartAttemptId, or cpId and transactionId" }],
  });

/** @throws Problem `invalid-request` for a moment that is past or too far ahead */
function checkedValidity(validUntil: string, now: number): number {
  const ms = parseDateTime(validUntil) ?? 0;
  if (ms > now && ms <= now + MAX_VALIDITY_MS) return ms;
  const detail = ms > now ? "is more than 24 h ahead" : "is in the past";
  throw new Problem(
    "invalid-request",
    "`validUntil` must be in the future and at most 24 h ahead; see `errors`.",
    {
      errors: [{ pointer: "/validUntil", detail }],
    },
  );
}
