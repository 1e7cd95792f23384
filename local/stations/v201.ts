import type { BehaviourFactory } from "./behaviour.ts";
import { createV2 } from "./v2.ts";

/** A charging station of OCPP 2.0.1. */
export const createV201: BehaviourFactory = (device) => createV2(device, "Simulator 201");
