import type { CommandName, Input } from "../commands/commands.ts";
import type { Idempotency } from "../commands/idempotency.ts";
import type { CommandRequest } from "../commands/request.ts";
import type { Caller } from "./caller.ts";
import { parsePrefer, waitMsOf } from "./prefer.ts";

/** The parts of an HTTP request that every command reads. */
export interface CommandCall {
  readonly caller: Caller;
  readonly headers?: { readonly prefer?: string };
  readonly idempotency?: Idempotency;
}

/**
 * Makes a command request from an HTTP request.
 *
 * @param station the station as the request names it: its id, or its identity in the caller's network
 * @param networkId the network of that identity, for clients of several networks
 * @throws Problem `no-network`, `invalid-request` where a network must be named
 */
export async function commandRequest<Name extends CommandName>(
  { caller, headers, idempotency }: CommandCall,
  command: { readonly name: Name; readonly input: Input<Name> },
  station: string,
  networkId: string | undefined,
): Promise<CommandRequest<Name>> {
  const cpId = await caller.resolveCpId(station, networkId);
  const networks = await caller.networks();
  const { requestedBy } = caller;
  return {
    ...command,
    cpId,
    networks,
    requestedBy,
    waitMs: waitMsOf(parsePrefer(headers?.prefer)),
    idempotency,
  };
}
