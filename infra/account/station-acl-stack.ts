import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { StationWebAcl } from "../constructs/web-acl.ts";

export interface StationAclStackProps extends StackProps {
  readonly handshakesPerAddress: number;
}

/** The station endpoints' web ACL for stacks outside of us-east-1, which name it by `-c webAcl=`. */
export class StationAclStack extends Stack {
  constructor(scope: Construct, id: string, props: StationAclStackProps) {
    super(scope, id, props);
    const acl = new StationWebAcl(this, "acl", { requestsPerAddress: props.handshakesPerAddress });
    new CfnOutput(this, "WebAclArn", { description: "For -c webAcl=", value: acl.arn });
  }
}
