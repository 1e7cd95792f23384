import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
} from "aws-cdk-lib/aws-dynamodb";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { INDEX, SEARCH_INDEX } from "../../shared/store/keys.ts";
import type { TableAction } from "../functions.ts";

export interface StateTableProps {
  /** What happens to the data when the stack goes. RETAIN also protects the table from deletion. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** The stream's ARN of a table that is there already and is used instead. @default a table is made */
  readonly restored?: string;
}

/** The table of all but password hashes: stations, networks, exchanges, as shared/store/keys.ts lays it out. */
export class StateTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: StateTableProps = {}) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN, restored } = props;
    this.table = restored === undefined ? this.#make(removalPolicy) : this.#adopt(restored);
  }

  #make(removalPolicy: RemovalPolicy): ITable {
    const table = new Table(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: "expiresAt",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    });
    table.addGlobalSecondaryIndex({
      indexName: INDEX,
      partitionKey: { name: "gsi1pk", type: AttributeType.STRING },
      sortKey: { name: "gsi1sk", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // CloudFormation makes one index in an update of a table that is there
    table.addGlobalSecondaryIndex({
      indexName: SEARCH_INDEX,
      partitionKey: { name: "gsi2pk", type: AttributeType.STRING },
      sortKey: { name: "gsi2sk", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    return table as ITable; // its optional stream is declared in another way
  }

  /** The table stays outside of the stack: what a restore does not bring along is set by hand (docs/runbook.md). */
  #adopt(tableStreamArn: string): ITable {
    const [tableArn = ""] = tableStreamArn.split("/stream/");
    return Table.fromTableAttributes(this, "Restored", {
      tableArn,
      tableStreamArn,
      globalIndexes: [INDEX, SEARCH_INDEX],
    });
  }

  /** Grants these actions on the table's items, and Query on the indexes that are named. No wildcard in any. */
  grant(grantee: IRole, actions: readonly TableAction[]): void {
    const { tableArn } = this.table;
    const allow = (names: readonly string[], resource: string) =>
      grantee.addToPrincipalPolicy(
        new PolicyStatement({ actions: names.map((name) => `dynamodb:${name}`), resources: [resource] }),
      );
    const indexes = { QueryIndex: INDEX, QuerySearchIndex: SEARCH_INDEX };
    const onItems = actions.filter((action) => !Object.hasOwn(indexes, action));
    if (onItems.length > 0) allow(onItems, tableArn);
    for (const [action, index] of Object.entries(indexes))
      if (actions.includes(action as TableAction)) allow(["Query"], `${tableArn}/index/${index}`);
  }
}
