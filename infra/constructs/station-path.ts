import { readFileSync } from "node:fs";
import { Function as EdgeFunction, FunctionCode, FunctionRuntime } from "aws-cdk-lib/aws-cloudfront";
import { Construct } from "constructs";
import type { EndpointName } from "../../shared/handshake/origin-secret.ts";

export interface StationPathProps {
  /** The WebSocket API's stage. */
  readonly stageName: string;
  readonly endpoint: EndpointName;
}

const source = new URL("../../functions/edge/station-path.js", import.meta.url);

/** The code of an endpoint's viewer-request function, as it is deployed. */
function stationPathCode({ stageName, endpoint }: StationPathProps): string {
  return readFileSync(source, "utf8").replace("{{stage}}", stageName).replace("{{endpoint}}", endpoint);
}

/** An endpoint's viewer-request function: the station's path becomes the stage and its query. */
export class StationPath extends Construct {
  readonly function: EdgeFunction;

  constructor(scope: Construct, id: string, props: StationPathProps) {
    super(scope, id);
    this.function = new EdgeFunction(this, "Resource", {
      code: FunctionCode.fromInline(stationPathCode(props)),
      runtime: FunctionRuntime.JS_2_0,
      comment: `/ocpp/{identity} to the stage and its query, ${props.endpoint} endpoint`,
    });
  }
}
