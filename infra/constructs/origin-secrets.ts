import { RemovalPolicy } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

export interface OriginSecretsProps {
  /** Names of secrets, each generated once. The first is the one that CloudFront sends, all are accepted. */
  readonly names: readonly [string, ...string[]];
}

/**
 * The secret that CloudFront sends to the authorizer, so that no client can bypass CloudFront: the execute-api URL stays open behind a
 * distribution. In the template only as dynamic references, which CloudFormation resolves when it deploys.
 */
export class OriginSecrets extends Construct {
  /** The value of the header that CloudFront adds. */
  readonly sent: string;
  /** All values that the authorizer takes, by commas. */
  readonly accepted: string;

  constructor(scope: Construct, id: string, props: OriginSecretsProps) {
    super(scope, id);
    const values = props.names.map((name) => this.generated(name));
    this.sent = values[0] ?? "";
    this.accepted = values.join(",");
  }

  private generated(name: string): string {
    const secret = new Secret(this, name, {
      description: `Shown by CloudFront to the authorizer (${this.node.path})`,
      // Letters and digits: 48 of them are 285 random bits, and a header value and a list by commas carry them.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(secret, {
      "AwsSolutions-SMG4":
        "Rotated by deployments, which CloudFront and the authorizer both need: docs/station-endpoints.md.",
    });
    return secret.secretValue.unsafeUnwrap();
  }
}
