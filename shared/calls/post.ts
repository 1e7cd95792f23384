import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  DeleteConnectionCommand,
  ForbiddenException,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { FreshHttpHandler } from "../http-client.ts";
import { logger } from "../logger.ts";

/**
 * What became of a post:
 * - `sent`: API Gateway accepted it;
 * - `gone`: there is no such connection (410), nothing was sent;
 * - `throttled`: refused before it was sent (429);
 * - `refused`: over 128 KB (413), or without the right to post (403): a mistake of ours, which is logged;
 * - `unknown`: a fault or a time-out of the post itself: it may have been sent or not.
 */
export type PostOutcome = "sent" | "gone" | "throttled" | "refused" | "unknown";

export interface Connections {
  /** Sends one text message to a connection. */
  post(connectionId: string, frame: string): Promise<PostOutcome>;
  /** Closes a connection, if it is open. Never throws: a failure is logged. */
  close(connectionId: string): Promise<void>;
}

export interface VisibleConnections extends Connections {
  /** Whether API Gateway has ended a connection (410). False where that cannot be read: a failure is logged. */
  isGone(connectionId: string): Promise<boolean>;
}

/**
 * A post has no retries of the SDK, so it goes out on a new connection after this idle time, in milliseconds:
 * Lambda may have removed the old one while the environment was frozen.
 */
const IDLE_MS = 2_000;

/** Closing is idempotent: the SDK may retry it, within the time that a station waits for its handshake. */
const CLOSE_ATTEMPTS = 3;

/**
 * Connections of a WebSocket API through its management API.
 *
 * A post is repeated in one case only: Node reports that it used a socket from before (`reusedSocket`), which
 * was reset before any byte of the answer. API Gateway answers every post that it accepts before it closes
 * anything, so a reset without an answer means that the socket was dead. All other failures are `unknown`:
 * the station may have the CALL, and a Reset must not go out twice. docs/sockets.md has the whole reasoning.
 *
 * @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}`
 * @param config for tests
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function openConnections(
  endpoint: string,
  config: ApiGatewayManagementApiClientConfig = {},
  requestHandler = new FreshHttpHandler({ idleMs: IDLE_MS }),
): VisibleConnections {
  const clientOf = (maxAttempts: number) =>
    new ApiGatewayManagementApiClient({ endpoint, requestHandler, maxAttempts, ...config });
  const posting = clientOf(1);
  const closing = clientOf(CLOSE_ATTEMPTS);

  const send = async (connectionId: string, frame: string): Promise<void> => {
    const command = () => new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame });
    try {
      await posting.send(command());
    } catch (error) {
      if (!requestHandler.isStale(error)) throw error;
      requestHandler.closeFree();
      await posting.send(command());
    }
  };

  return {
    async post(connectionId, frame) {
      try {
        await send(connectionId, frame);
        return "sent";
      } catch (error) {
        if (error instanceof GoneException) return "gone";
        if (error instanceof LimitExceededException) return "throttled";
        logger.error("a post failed", { connectionId, error: error as Error });
        const isRefused = error instanceof PayloadTooLargeException || error instanceof ForbiddenException;
        return isRefused ? "refused" : "unknown";
      }
    },

    async isGone(connectionId) {
      try {
        await closing.send(new GetConnectionCommand({ ConnectionId: connectionId }));
        return false;
      } catch (error) {
        if (error instanceof GoneException) return true;
        logger.warn("a connection could not be read", { connectionId, error: error as Error });
        return false;
      }
    },

    async close(connectionId) {
      try {
        await closing.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
      } catch (error) {
        if (!(error instanceof GoneException))
          logger.warn("a connection was not closed", { connectionId, error: error as Error });
      }
    },
  };
}
