import rpc, { createRPCError, type RPCError } from "ocpp-rpc";
import type { Payload } from "./behaviour.ts";
import type { StationProtocol } from "./protocols.ts";

/** What a handler returns so that the CALL is never answered. */
export const NO_ANSWER = rpc.NOREPLY;

/** To throw from a handler: answers a CALLERROR. */
export const callError = (code: string, description = "", details: Payload = {}): RPCError =>
  createRPCError(code, description, details) as RPCError;

interface HandledCall {
  readonly messageId: string;
  readonly action: string;
  readonly payload: Payload;
  /** What the station would do and answer without this handler. */
  standard(): Promise<Payload>;
}

/** Answers a CALL: with a payload, with {@link NO_ANSWER}, or by throwing a {@link callError}. */
type Handler = (call: HandledCall) => Payload | Promise<Payload>;

export interface StationOptions {
  /** The station endpoint without the identity: `ws://127.0.0.1:9000/ocpp` or `…/ocpp/{networkId}`; `wss` too. */
  readonly url: string;
  readonly identity: string;
  /** @default ocpp1.6 */
  readonly protocol?: StationProtocol;
  /** For HTTP Basic authentication; none without. */
  readonly password?: string | Buffer;
  /**
   * Called with a new password before the CALL that sets it is answered: a station keeps the password after a power
   * cut.
   */
  readonly keepPassword?: (password: Buffer) => void;
  /** Its client certificate and private key, and the CA to trust if not the system's; all PEM. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** @default 2 */
  readonly connectors?: number;
  /** These connectors report a fault and do not unlock. */
  readonly faultyConnectors?: readonly number[];
  /** Values of configuration keys that differ from the usual ones; unknown names become keys. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** `false`: no BootNotification, StatusNotification and Heartbeat. @default true */
  readonly boot?: boolean;
  /** How long one step takes: plugging in, finishing, rebooting. @default 1000 */
  readonly stepMs?: number;
  /** How long the station thinks before it acts on a CALL. */
  readonly answerDelayMs?: number | ((call: { action: string; payload: Payload }) => number);
  /** Answers in place of the station's own, by action. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** @default the wall clock */
  readonly now?: () => number;
  /** Called with each line of the log. */
  readonly log?: (line: string) => void;
}
