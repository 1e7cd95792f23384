import type { BehaviourFactory } from "./behaviour.ts";
import { createV16 } from "./v16.ts";

/** The OCPP versions a station can be simulated in, by WebSocket subprotocol. */
export const behaviours = {
  "ocpp1.6": createV16,
} satisfies Record<string, BehaviourFactory>;

export type StationProtocol = keyof typeof behaviours;

export const isStationProtocol = (name: string): name is StationProtocol => Object.hasOwn(behaviours, name);
