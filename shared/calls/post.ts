import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { logger } from "../logger.ts";

/**
 * What became of a post:
 * - `sent`: API Gateway took it;
 * - `gone`: there is no such connection (410), nothing was sent;
 * - `throttled`: refused before it was sent (429);
 * - `refused`: over 128 KB (413), or without the right to post (403): a mistake of ours, which is logged;
 * - `unknown`: a fault or a time-out of the post itself: it may have been sent or not.
 */
export type PostOutcome = "sent" | "gone" | "throttled" | "refused" | "unknown";

export interface Connections {
  /** Sends one text message to a connection. */
  post(connectionId: string, frame: string): Promise<PostOutcome>;
  /** Closes a connection; one that is gone already is no error. */
  close(connectionId: string): Promise<void>;
}

/**
 * Connections of a WebSocket API through its management API.
 *
 * Never tries a post again by itself: after an ambiguous failure nobody knows whether the station has the
 * CALL, and a Reset must not go out twice.
 *
 * @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}`
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function openConnections(
  endpoint: string,
  client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 1 }),
): Connections {
  return {
    async post(connectionId, frame) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }));
        return "sent";
      } catch (error) {
        if (error instanceof GoneException) return "gone";
        if (error instanceof LimitExceededException) return "throttled";
        logger.error("a post failed", { connectionId, error: error as Error });
        const isRefused = error instanceof PayloadTooLargeException || error instanceof ForbiddenException;
        return isRefused ? "refused" : "unknown";
      }
    },

    async close(connectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
      }
    },
  };
}
