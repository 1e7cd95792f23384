import type { CommandName, Commands } from "../../shared/commands/commands.ts";
import type { Once } from "../../shared/commands/once.ts";
import { queueOrSendCommand } from "../../shared/commands/queue.ts";
import type { CommandRequest } from "../../shared/commands/request.ts";
import { readCommand } from "../../shared/commands/resource.ts";
import { runCommand } from "../../shared/commands/run.ts";
import { isTaken } from "../../shared/commands/status.ts";
import { generatePassword } from "../../shared/handshake/password-hash.ts";
import { type ApiResponse, createApi } from "../../shared/http/api.ts";
import type { Caller } from "../../shared/http/caller.ts";
import { idempotency } from "../../shared/http/idempotency.ts";
import { parsePrefer, waitMsOf } from "../../shared/http/prefer.ts";
import { synchronousRoutes } from "../../shared/http/routes/synchronous.ts";
import { commandDeps } from "../command-deps.ts";

const deps = commandDeps();

interface CommandRequestOverHttp {
  readonly params: { readonly cpId: string };
  readonly query: { readonly network?: string };
  readonly headers: { readonly prefer?: string };
  readonly caller: Caller;
  readonly once?: Once;
}

async function commandOf<Name extends CommandName>(
  name: Name,
  { params, query, headers, caller, once }: CommandRequestOverHttp,
  input: Commands[Name]["input"],
): Promise<CommandRequest<Name>> {
  const cpId = await caller.resolveCpId(params.cpId, query.network);
  const networks = await caller.networks();
  return { name, input, cpId, networks, waitMs: waitMsOf(parsePrefer(headers.prefer)), once };
}

/** Runs a command as the caller prefers it: held open until the station answers, or 202 at once. */
async function respond<Name extends CommandName>(
  name: Name,
  request: CommandRequestOverHttp,
  input: Commands[Name]["input"],
): Promise<ApiResponse> {
  const command = await commandOf(name, request, input);
  if (!parsePrefer(request.headers.prefer).respondAsync)
    return { status: 200, body: await runCommand(deps, command) };
  const { commandId } = await queueOrSendCommand(deps, command);
  return {
    status: 202,
    headers: { Location: `/remote_commands/${commandId}`, "Preference-Applied": "respond-async" },
    body: await readCommand(deps.table, commandId, command.networks, deps.clock.now()),
  };
}

/** Gives a station a new password. A generated one is shown here or never. */
async function givePassword(
  request: CommandRequestOverHttp,
  given: string | undefined,
): Promise<ApiResponse> {
  const password = given ?? generatePassword();
  const command = await commandOf("setPassword", request, { password });
  const { sentBefore, ...told } = await runCommand(deps, command);
  // a legacy station has been sent it, and nobody will be told what it says
  const mayHaveIt = told.status === undefined || isTaken(told.status);
  return {
    status: 200,
    headers: { "Cache-Control": "no-store" },
    body: { ...told, ...(given === undefined && !sentBefore && mayHaveIt && { password }) },
  };
}

/** Commands that are held open until the station has answered. */
export const handler = createApi(
  synchronousRoutes,
  {
    getConfiguration: (request) => respond("getConfiguration", request, request.body),
    changeConfigurations: (request) => respond("changeConfigurations", request, request.body),
    reset: (request) => respond("reset", request, request.body),
    unlockConnector: (request) =>
      respond("unlockConnector", request, { connectorUuid: request.params.cpConnectorUuid }),
    setPassword: (request) => givePassword(request, request.body.password),
  },
  { table: deps.table, idempotency: idempotency(deps.table, deps.clock) },
);
