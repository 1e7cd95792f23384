import type { CommandName, Commands } from "../../shared/commands/commands.ts";
import type { Once } from "../../shared/commands/once.ts";
import { queueCommand } from "../../shared/commands/queue.ts";
import { readCommand } from "../../shared/commands/resource.ts";
import { runCommand } from "../../shared/commands/run.ts";
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

/** Runs a command as the caller prefers it: held open until the station answers, or 202 at once. */
async function respond<Name extends CommandName>(
  name: Name,
  { params, query, headers, caller, once }: CommandRequestOverHttp,
  input: Commands[Name]["input"],
): Promise<ApiResponse> {
  const preferences = parsePrefer(headers.prefer);
  const cpId = await caller.resolveCpId(params.cpId, query.network);
  const networks = await caller.networks();
  const request = { name, input, cpId, networks, waitMs: waitMsOf(preferences), once };
  if (!preferences.respondAsync) return { status: 200, body: await runCommand(deps, request) };
  const { commandId } = await queueCommand(deps, request);
  return {
    status: 202,
    headers: { Location: `/remote_commands/${commandId}`, "Preference-Applied": "respond-async" },
    body: await readCommand(deps.table, commandId, networks, deps.clock.now()),
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
  },
  { table: deps.table, idempotency: idempotency(deps.table, deps.clock) },
);
