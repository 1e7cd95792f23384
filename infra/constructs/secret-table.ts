import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, type ITable, Table } from "aws-cdk-lib/aws-dynamodb";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { PasswordAction, SecretAction } from "../functions.ts";

export interface SecretTableProps {
  /** What happens to the data when the stack goes. RETAIN also protects the table from deletion. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** The ARN of a table that is there already and is used instead. @default a table is made */
  readonly restored?: string;
}

/**
 * A table of secrets: one has the hashes of passwords, one the secrets of webhooks. It has no index and no stream, which
 * would be copies that other roles can read, and no TTL: a secret is needed for as long as its station or webhook.
 */
export class SecretTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: SecretTableProps = {}) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN, restored } = props;
    if (restored !== undefined) {
      this.table = Table.fromTableArn(this, "Restored", restored);
      return;
    }
    this.table = new Table(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    }) as ITable; // its optional stream is declared in another way
  }

  grant(grantee: IRole, actions: readonly (PasswordAction | SecretAction)[]): void {
    grantee.addToPrincipalPolicy(
      new PolicyStatement({
        actions: actions.map((name) => `dynamodb:${name}`),
        resources: [this.table.tableArn],
      }),
    );
  }
}
