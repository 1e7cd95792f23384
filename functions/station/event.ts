import type { APIGatewayEventWebsocketRequestContextV2 } from "aws-lambda";
import type { SpeakerContext } from "../../shared/handshake/authenticate.ts";
import type { LogKeys } from "../../shared/logger.ts";

type Headers = Readonly<Record<string, readonly string[] | undefined>>;

/** All values of a header, in order, however its name is spelled. */
export function headersOf(headers: Headers | null | undefined, name: string): string[] {
  return Object.entries(headers ?? {})
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .flatMap(([, values = []]) => values);
}

/** What the log lines about a station's event carry. */
export const speakerKeys = ({ requestContext }: GatewayEvent): LogKeys => ({
  cpId: requestContext.authorizer.cpId,
  connectionId: requestContext.connectionId,
});

/** An event of a station's connection; the authorizer's context rides along on each. */
export interface GatewayEvent {
  readonly requestContext: APIGatewayEventWebsocketRequestContextV2 & {
    readonly authorizer: SpeakerContext;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
  };
  /** Only with $connect. */
  readonly multiValueHeaders?: Headers;
  /** Only with $connect: what the station endpoint put there. */
  readonly queryStringParameters?: { readonly source?: string };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}
