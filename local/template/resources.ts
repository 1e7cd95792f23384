/** What CloudFormation hands back for `Ref` and `Fn::GetAtt`, per resource type, as far as a template here needs it. */

export interface Place {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
}

export interface Resource {
  readonly logicalId: string;
  /** The construct's id in the CDK app: the name people know the resource by. */
  readonly constructId: string;
  readonly type: string;
  /** As in the template, intrinsics unresolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}

interface TypeFacts {
  /** The property that names the resource, where the template does not leave that to CloudFormation. */
  readonly nameProperty?: string;
  /** The name CloudFormation would make up; default: the construct id. */
  readonly madeUpName?: (resource: Resource, place: Place) => string;
  /** `Ref`, from the resource's name; default: the name itself. */
  readonly ref?: (name: string, place: Place) => string;
  readonly attributes?: Readonly<Record<string, (name: string, place: Place) => string>>;
}

const arn = (service: string, rest: (name: string) => string) => (name: string, place: Place) =>
  `arn:aws:${service}:${place.region}:${place.accountId}:${rest(name)}`;
const globalArn = (service: string, rest: (name: string) => string) => (name: string, place: Place) =>
  `arn:aws:${service}::${place.accountId}:${rest(name)}`;
const itself = (name: string) => name;

/** Ids that AWS makes up are letters and digits; derived from the logical id they are the same in every run. */
const opaqueId = (length: number) => (resource: Resource) => {
  let hash = 0xcbf29ce484222325n;
  for (const char of resource.logicalId)
    hash = BigInt.asUintN(64, (hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n);
  return hash.toString(36).padStart(length, "0").slice(-length);
};

const functionArn = arn("lambda", (name) => `function:${name}`);
const tableArn = arn("dynamodb", (name) => `table/${name}`);
const streamArn = arn("dynamodb", (name) => `table/${name}/stream/2026-01-01T00:00:00.000`);
const table: TypeFacts = {
  nameProperty: "TableName",
  attributes: { Arn: tableArn, StreamArn: streamArn },
};
const userPoolHost = (id: string, place: Place) => `cognito-idp.${place.region}.amazonaws.com/${id}`;
const secretArn = arn("secretsmanager", (name) => `secret:${name}`);
const edgeFunctionArn = globalArn("cloudfront", (name) => `function/${name}`);
const topicArn = arn("sns", itself);

const facts: Readonly<Record<string, TypeFacts>> = {
  "AWS::Lambda::Function": { nameProperty: "FunctionName", attributes: { Arn: functionArn } },
  // What invokes an alias invokes its function: there is one version here.
  "AWS::Lambda::Alias": { nameProperty: "FunctionName", ref: functionArn },
  "AWS::DynamoDB::Table": table,
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::ApiGatewayV2::Api": {
    madeUpName: opaqueId(10),
    attributes: {
      ApiId: itself,
      ApiEndpoint: (id, place) => `https://${id}.execute-api.${place.region}.amazonaws.com`,
    },
  },
  "AWS::ApiGatewayV2::Stage": { nameProperty: "StageName" },
  "AWS::ApiGatewayV2::Authorizer": { madeUpName: opaqueId(6), attributes: { AuthorizerId: itself } },
  "AWS::ApiGatewayV2::Route": { madeUpName: opaqueId(7), attributes: { RouteId: itself } },
  "AWS::ApiGatewayV2::Integration": { madeUpName: opaqueId(7), attributes: { IntegrationId: itself } },
  "AWS::Cognito::UserPool": {
    madeUpName: (resource, place) => `${place.region}_${opaqueId(9)(resource)}`,
    attributes: {
      UserPoolId: itself,
      Arn: arn("cognito-idp", (id) => `userpool/${id}`),
      ProviderName: userPoolHost,
      ProviderURL: (id, place) => `https://${userPoolHost(id, place)}`,
    },
  },
  "AWS::Cognito::UserPoolClient": { madeUpName: opaqueId(12), attributes: { ClientId: itself } },
  "AWS::Cognito::UserPoolResourceServer": { nameProperty: "Identifier" },
  "AWS::Cognito::UserPoolDomain": { nameProperty: "Domain" },
  "AWS::CloudFront::Distribution": {
    madeUpName: (resource) => `E${opaqueId(12)(resource).toUpperCase()}`,
    attributes: { Id: itself, DomainName: (id) => `${id.toLowerCase()}.cloudfront.net` },
  },
  "AWS::CloudFront::Function": {
    nameProperty: "Name",
    ref: edgeFunctionArn,
    attributes: { FunctionARN: edgeFunctionArn },
  },
  "AWS::CloudFront::OriginAccessControl": { attributes: { Id: itself } },
  "AWS::CloudFront::TrustStore": { nameProperty: "Name", attributes: { Id: itself } },
  "AWS::Events::EventBus": {
    nameProperty: "Name",
    attributes: { Arn: arn("events", (name) => `event-bus/${name}`), Name: itself },
  },
  "AWS::Scheduler::ScheduleGroup": {
    nameProperty: "Name",
    attributes: { Arn: arn("scheduler", (name) => `schedule-group/${name}`) },
  },
  "AWS::SecretsManager::Secret": { nameProperty: "Name", ref: secretArn, attributes: { Id: secretArn } },
  "AWS::IAM::Role": {
    nameProperty: "RoleName",
    attributes: { Arn: globalArn("iam", (name) => `role/${name}`) },
  },
  "AWS::Logs::LogGroup": {
    nameProperty: "LogGroupName",
    attributes: { Arn: arn("logs", (name) => `log-group:${name}:*`) },
  },
  "AWS::SQS::Queue": {
    nameProperty: "QueueName",
    ref: (name, place) => `https://sqs.${place.region}.amazonaws.com/${place.accountId}/${name}`,
    attributes: {
      Arn: arn("sqs", itself),
      QueueName: itself,
      QueueUrl: (name, place) => `https://sqs.${place.region}.amazonaws.com/${place.accountId}/${name}`,
    },
  },
  "AWS::SNS::Topic": { nameProperty: "TopicName", ref: topicArn, attributes: { TopicArn: topicArn } },
  "AWS::WAFv2::WebACL": {
    nameProperty: "Name",
    attributes: { Arn: arn("wafv2", (name) => `global/webacl/${name}/local`), Id: itself },
  },
  "AWS::S3::Bucket": {
    nameProperty: "BucketName",
    attributes: {
      Arn: (name) => `arn:aws:s3:::${name}`,
      RegionalDomainName: (name, place) => `${name}.s3.${place.region}.amazonaws.com`,
    },
  },
};

/** The name of a resource: the template's, or one made up as CloudFormation would. */
export function nameOf(resource: Resource, place: Place, resolve: (value: unknown) => unknown): string {
  const known = facts[resource.type];
  const given = known?.nameProperty === undefined ? undefined : resource.properties[known.nameProperty];
  if (given !== undefined) return String(resolve(given));
  return known?.madeUpName?.(resource, place) ?? resource.constructId;
}

export function refOf(resource: Resource, name: string, place: Place): string {
  return facts[resource.type]?.ref?.(name, place) ?? name;
}

/** Undefined where the attribute is not known here. */
export function attributeOf(
  resource: Resource,
  attribute: string,
  name: string,
  place: Place,
): string | undefined {
  return facts[resource.type]?.attributes?.[attribute]?.(name, place);
}
