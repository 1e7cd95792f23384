import { type RemovalPolicy, Stack } from "aws-cdk-lib";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";

export interface AlarmTopicProps {
  /** Mail address; AWS asks it for confirmation first. @default none */
  readonly email?: string;
  /** Of its key. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The topic of the alarms. Encrypted by a key of its own ($1 a month), because CloudWatch may not use Amazon's key
 * for SNS: its alarms would go off and not be delivered.
 *
 * @see https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps = {}) {
    super(scope, id);
    const key = new Key(this, "Key", {
      description: `${Stack.of(this).stackName} alarms`,
      enableKeyRotation: true,
      ...(props.removalPolicy && { removalPolicy: props.removalPolicy }),
    });
    this.topic = new Topic(this, "Topic", { masterKey: key, enforceSSL: true });
    // A confused deputy of another account is refused.
    const alarms = new ServicePrincipal("cloudwatch.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
    });
    key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*");
    this.topic.grantPublish(alarms);
    if (props.email) this.topic.addSubscription(new EmailSubscription(props.email));
  }
}
