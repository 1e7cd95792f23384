import { requestIdOf } from "../calls/ids.ts";
import type { RemoteStartInput } from "../commands/remote-start/command.ts";
import type { AttemptItem } from "../store/items.ts";

/** Builds the input of an attempt's start command. */
export function startInputOf(attempt: AttemptItem): RemoteStartInput {
  const { attemptId, idTag, idTokenType, evseId, connectorId } = attempt;
  return {
    idTag,
    remoteStartId: requestIdOf(attemptId),
    ...(idTokenType !== undefined && { idTokenType }),
    ...(evseId !== undefined && connectorId !== undefined && { connector: { evseId, connectorId } }),
  };
}
