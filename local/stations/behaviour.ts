/** What a simulated station's hardware offers to the OCPP version it speaks, and the other way round. */

import type { RPCError } from "ocpp-rpc";
import type { Profiles } from "./profiles.ts";

export type Payload = Record<string, unknown>;

/** The CSMS answered with a CALLERROR. (ocpp-rpc exports its class in a way that Node cannot import by name.) */
export const isCallError = (error: unknown): error is RPCError =>
  error instanceof Error && "rpcErrorCode" in error;

export interface Device {
  readonly identity: string;
  /** How many connectors it has, numbered from 1. */
  readonly connectors: number;
  /** Connectors that report a fault and do not unlock. */
  readonly faultyConnectors: readonly number[];
  /** How long a driver or the station takes for one step: plugging in, finishing, rebooting. */
  readonly stepMs: number;
  /** Values that differ from the usual ones, by configuration key. */
  readonly configuration: Readonly<Record<string, string>>;
  now(): Date;
  /** One CALL; rejects with an RPCError for a CALLERROR, with another error where no answer came. */
  call(action: string, payload: Payload): Promise<Payload>;
  /** A CALL that must arrive: kept over lost connections, in order, and sent again until it is answered. */
  report(action: string, payload: Payload): Promise<Payload>;
  /** Runs a task later, unless the station is closed or reboots before; returns how to cancel it. */
  after(ms: number, task: () => void | Promise<void>): () => void;
  /** Ends the connection, forgets what was to run later and connects again. */
  reboot(): void;
  /** Connects again without a reboot, with a new password. */
  reconnect(password: string | Buffer): void;
}

/** What decides for whom and how the station charges. */
export interface Rules {
  readonly profiles: Profiles;
  /** Whether the station may charge for a token without a question to the CSMS. */
  readonly isListed: (token: string) => boolean;
}

export interface Behaviour {
  /** BootNotification, until the CSMS accepts; nothing else is sent before. */
  register(): Promise<void>;
  /**
   * The first messages of a registered station: transactions that a reset interrupted, and the status of every
   * connector.
   */
  announce(): Promise<void>;
  /** The answer to a CALL of a payload that follows its schema; throws an RPCError for a CALLERROR. */
  answer(action: string, payload: Payload): Payload | Promise<Payload>;
  /** A driver plugs in and starts with this token. */
  startCharging(connectorId: number, idTag: string): Promise<void>;
  /** The driver ends the charge and unplugs. */
  stopCharging(connectorId: number): Promise<void>;
}

export type BehaviourFactory = (device: Device) => Behaviour;
