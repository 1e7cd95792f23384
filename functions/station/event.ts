import type { APIGatewayEventWebsocketRequestContextV2 } from "aws-lambda";
import type { SpeakerContext } from "../../shared/stations/authenticate.ts";

/** An event of a station's connection; the authorizer's context rides along on each. */
export interface StationEventBase {
  readonly requestContext: APIGatewayEventWebsocketRequestContextV2 & {
    readonly authorizer: SpeakerContext;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}
