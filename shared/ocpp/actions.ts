import type { Protocol } from "./protocols.ts";
import * as v16 from "./v16/actions.ts";
import * as v21 from "./v21/actions.ts";
import * as v201 from "./v201/actions.ts";

/** Who may send what, by version; names only, so that asking costs no schema. */
const actions: Record<Protocol, Record<"station" | "send" | "csms", ReadonlySet<string>>> = {
  "ocpp1.6": directions(v16),
  "ocpp2.0.1": directions(v201),
  "ocpp2.1": directions(v21),
};

interface ActionLists {
  readonly stationActions: readonly string[];
  readonly sendActions?: readonly string[];
  readonly csmsActions: readonly string[];
  readonly sharedActions: readonly string[];
}

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

export function csmsMaySend(protocol: Protocol, action: string): boolean {
  return actions[protocol].csms.has(action);
}

/** Whether a station may send it as a SEND (2.1). */
export function stationMaySendUnanswered(protocol: Protocol, action: string): boolean {
  return actions[protocol].send.has(action);
}
