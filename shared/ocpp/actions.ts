import type { Protocol } from "./protocols.ts";
import type { ActionLists } from "./version.ts";
import { versions } from "./versions.ts";

/** Which side may send which action, by version; names only, so that a look-up loads no schema. */
const actions = Object.fromEntries(
  Object.entries(versions).map(([protocol, version]) => [protocol, directions(version.actions)]),
) as Record<Protocol, ReturnType<typeof directions>>;

function directions({ stationActions, sendActions = [], csmsActions, sharedActions }: ActionLists) {
  return {
    station: new Set([...stationActions, ...sharedActions]),
    send: new Set(sendActions),
    csms: new Set([...csmsActions, ...sharedActions]),
  };
}

export function actionsOf(protocol: Protocol): ReadonlySet<string> {
  const { station, send, csms } = actions[protocol];
  return new Set([...station, ...send, ...csms]);
}

export function hasAction(protocol: Protocol, action: string): boolean {
  return actionsOf(protocol).has(action);
}

/** Whether a station may send it as a CALL. */
export function stationMaySend(protocol: Protocol, action: string): boolean {
  return actions[protocol].station.has(action);
}

/** What a CSMS may send, in the order of the alphabet. */
export const csmsActionsOf = (protocol: Protocol): string[] => [...actions[protocol].csms].sort();

export function csmsMaySend(protocol: Protocol, action: string): boolean {
  return actions[protocol].csms.has(action);
}

/** Whether a station may send it as a SEND (2.1). */
export function stationMaySendUnanswered(protocol: Protocol, action: string): boolean {
  return actions[protocol].send.has(action);
}
