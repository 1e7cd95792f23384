import { isOfRequest, readExchange } from "../calls/exchange.ts";
import { type ConnectedStation, notConnected } from "../calls/wait-for-lane.ts";
import { releaseSlot } from "../limits/semaphore.ts";
import { findStation } from "../stations/find.ts";
import type { Connection, OutgoingItem, StationItem } from "../store/items.ts";
import { takeSlot } from "./admission.ts";
import { type CommandName, type Output, rowOf } from "./commands.ts";
import { dryRunOn } from "./execute.ts";
import type { CommandDeps, CommandRequest } from "./request.ts";
import { type CommandRun, callCountOf, LiveSession } from "./session.ts";

/**
 * Continues a command of an earlier request with the same Idempotency-Key, whose function may have died. Waits for
 * the CALLs that exist without sending them again, and sends the missing ones until the deadline of the first
 * request.
 *
 * @param hasSlot whether the caller holds a slot of the network for it
 * @returns undefined if nothing was sent, so that the command can run as if it were new
 * @throws Problem as `runCommand`
 */
export async function resumeCommand<Name extends CommandName>(
  deps: CommandDeps,
  { name, input, cpId, networks }: CommandRequest<Name>,
  run: CommandRun,
  { hasSlot = false }: { readonly hasSlot?: boolean } = {},
): Promise<Output<Name> | undefined> {
  const first = await readExchange(deps.table, cpId, run.commandId);
  if (!first || first.state === "failed" || !isOfRequest(first, run.idempotencyId)) return undefined;
  const known = await findStation(deps.table, cpId, networks);
  const connection = connectionOf(first, known);
  if (!connection) throw await notConnected(deps.table, known);
  const station: ConnectedStation = { ...known, connection };
  const { requestedAtMs, deadlineMs } = first;
  const resumed: CommandRun = { ...run, requestedAtMs, deadlineMs };

  const row = rowOf(connection.protocol, name);
  const callCount = callCountOf(row, input, station);
  if (station.link === "legacy" && callCount > 1) {
    const queued = { name, input, run: resumed };
    const { dry, output } = await dryRunOn(station, queued);
    if (!dry.holdsSecret) {
      if (first.state === "queued") await deps.runInBackground(queued);
      return output;
    }
  }
  const session = new LiveSession(deps, { ...resumed, callCount }, station, "resumed");
  if (callCount === 1 || hasSlot) return row.run(input, session);
  await takeSlot(deps, station.networkId, run.commandId);
  try {
    return await row.run(input, session);
  } finally {
    await releaseSlot(deps.table, station.networkId, run.commandId);
  }
}

/** The connection that the CALL went out on; the station's own where it is still to go out. */
function connectionOf(first: OutgoingItem, { connection }: StationItem): Connection | undefined {
  const { connectionId, protocol, sentAtMs: connectedAtMs = 0 } = first;
  return connectionId && protocol ? { connectionId, protocol, connectedAtMs } : connection;
}
