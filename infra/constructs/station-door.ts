import { readFileSync } from "node:fs";
import { Stack } from "aws-cdk-lib";
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

export interface StationDoorProps {
  /** The WebSocket API's execute-api domain. */
  readonly origin: string;
  /** Its stage. */
  readonly stageName: string;
}

const pathFunction = new URL("../../functions/edge/station-path.js", import.meta.url);

/**
 * What stations connect to: `wss://<distribution>/ocpp/{identity}`. A WebSocket API has no path behind its
 * stage and stations must have one (OCPP-J §3.1.1), so CloudFront stands in front and moves it into the query.
 */
export class StationDoor extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: StationDoorProps) {
    super(scope, id);
    const code = readFileSync(pathFunction, "utf8").replace("{{stage}}", props.stageName);
    const path = new EdgeFunction(this, "Path", {
      code: FunctionCode.fromInline(code),
      runtime: FunctionRuntime.JS_2_0,
      comment: "/ocpp/{identity} to the stage and its query",
    });
    this.distribution = new Distribution(this, "Distribution", {
      comment: `${Stack.of(this).stackName} stations`,
      // A WebSocket handshake is an HTTP/1.1 upgrade.
      httpVersion: HttpVersion.HTTP1_1,
      defaultBehavior: {
        origin: new HttpOrigin(props.origin, {
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        // Only this managed policy passes Authorization on while nothing is cached. Host must stay behind:
        // execute-api answers 403 to a host name that is not its own.
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        compress: false,
        functionAssociations: [{ function: path, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
    });
    acknowledge(this.distribution, {
      "AwsSolutions-CFR1": "Stations may be anywhere; where a deployment's are is not known here.",
      "AwsSolutions-CFR2":
        "One kind of request passes, a handshake on a known path; the authorizer and the stage's throttle guard it.",
      "AwsSolutions-CFR3":
        "Every handshake that passes the path function is a line in the WebSocket API's access log, with its outcome.",
      "AwsSolutions-CFR4":
        "The distribution's own *.cloudfront.net certificate allows no other security policy; HTTP without TLS is refused.",
    });
  }
}
