/** One client's connection, as all parts of the WebSocket API know it. */
import type { WebSocket } from "ws";

export interface Connection {
  readonly id: string;
  readonly connectedAt: number;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** What the authorizer returned, as every later event repeats it. */
  authorizer?: Readonly<Record<string, string>>;
  /** Undefined while $connect runs: there is nothing to send to yet. */
  socket?: WebSocket;
  /** `performance.now()` of the open connection's last message, in either direction. */
  lastActive: number;
  readonly openedAt: number;
  /** How the connection is being ended from our side, for its $disconnect. */
  ending?: Ending;
}

export interface Ending {
  readonly code: number;
  readonly reason: string;
}
