import type { BehaviourFactory } from "./behaviour.ts";
import { createV16 } from "./v16.ts";
import { createV21 } from "./v21.ts";
import { createV201 } from "./v201.ts";

/** The OCPP versions a station can be simulated in, by WebSocket subprotocol. */
export const behaviours = {
  "ocpp1.6": createV16,
  "ocpp2.0.1": createV201,
  "ocpp2.1": createV21,
} satisfies Record<string, BehaviourFactory>;

export type StationProtocol = keyof typeof behaviours;

export const isStationProtocol = (name: string): name is StationProtocol => Object.hasOwn(behaviours, name);
