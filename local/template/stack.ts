/** One stack's template, answered the way CloudFormation would: resources, names, and properties resolved. */
import { noValue, resolveIntrinsics, type Scope, UnservableTemplate } from "./intrinsics.ts";
import { attributeOf, nameOf, type Place, type Resource, refOf } from "./resources.ts";
import { createSecrets } from "./secrets.ts";
import { ignoredTypes, servedTypes } from "./types.ts";

export interface Template extends Place {
  ofType(...types: string[]): Resource[];
  /** What `Ref` gives for the resource. */
  ref(resource: Resource): string;
  /** The resource's name: its `Ref` for most types, where it is no ARN or URL. */
  name(resource: Resource): string;
  attribute(resource: Resource, attribute: string): string;
  /** One property, intrinsics resolved. The type parameter is what CloudFormation documents for it. */
  property<T>(resource: Resource, name: string): T | undefined;
  /** The folder that a function's `Code` property was packed from. */
  codeFolder(code: { S3Key?: string }): string;
  /** One line for each resource that has an effect on AWS and none here. */
  readonly notServed: string[];
}

export interface RawTemplate {
  readonly Resources?: Readonly<Record<string, RawResource>>;
  readonly Parameters?: Readonly<Record<string, { Type?: string; Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
}
interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}
export function createTemplate(
  raw: RawTemplate,
  place: Place,
  constructIdOf: Map<string, string>,
  assets: Map<string, string>,
): Template {
  const resources = new Map<string, Resource>();
  const taken = new Set<string>();
  const names = new Map<string, string>();
  const pseudo: Readonly<Record<string, unknown>> = {
    "AWS::AccountId": place.accountId,
    "AWS::Region": place.region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": place.stackName,
    "AWS::StackId": `arn:aws:cloudformation:${place.region}:${place.accountId}:stack/${place.stackName}/local`,
    "AWS::NoValue": noValue,
  };
  const resolve = (value: unknown) => resolveIntrinsics(value, scope);
  const name = (resource: Resource): string => {
    const found = names.get(resource.logicalId) ?? nameOf(resource, place, resolve);
    names.set(resource.logicalId, found);
    return found;
  };
  const attribute = (resource: Resource, of: string) => attributeOf(resource, of, name(resource), place);
  const scope: Scope = {
    ref(id) {
      const resource = resources.get(id);
      if (resource !== undefined) return refOf(resource, name(resource), place);
      return pseudo[id] ?? raw.Parameters?.[id]?.Default;
    },
    attribute(id, of) {
      const resource = resources.get(id);
      return resource === undefined ? undefined : attribute(resource, of);
    },
    mapping: (map, key, second) => raw.Mappings?.[map]?.[key]?.[second],
    condition: (id) => raw.Conditions?.[id],
    dynamic: (service, key) => (service === "secretsmanager" ? secretText(key) : undefined),
  };
  const secretText = createSecrets((secretName) => {
    const secret = ofType("AWS::SecretsManager::Secret").find((resource) => name(resource) === secretName);
    return secret && (resolve(secret.properties) as Record<string, unknown>);
  });
  const ofType = (...types: string[]) => [...resources.values()].filter(({ type }) => types.includes(type));

  const notServed: string[] = [];
  const deployment = deploymentFunctions(raw);
  for (const [logicalId, { Type: type, Properties: properties = {}, Condition }] of Object.entries(
    raw.Resources ?? {},
  )) {
    if (Condition !== undefined && resolve({ Condition }) !== true) continue;
    if (deployment.has(logicalId)) continue;
    const wanted = constructIdOf.get(logicalId) ?? logicalId;
    const constructId = taken.has(`${type} ${wanted}`) ? logicalId : wanted;
    taken.add(`${type} ${constructId}`);
    resources.set(logicalId, { logicalId, constructId, type, properties });
    if (!servedTypes.has(type) && !ignoredTypes.has(type)) {
      notServed.push(`not served locally: ${type} ${constructId}`);
    }
  }

  return {
    ...place,
    notServed,
    name,
    ofType,
    ref: (resource) => refOf(resource, name(resource), place),
    attribute: (resource, of) => String(resolve({ "Fn::GetAtt": [resource.logicalId, of] })),
    property: <T>(resource: Resource, of: string) => resolve(resource.properties[of]) as T | undefined,
    codeFolder(code) {
      const folder = code.S3Key === undefined ? undefined : assets.get(code.S3Key);
      if (folder === undefined) {
        throw new UnservableTemplate(`The assembly has no folder for the code ${JSON.stringify(code)}`);
      }
      return folder;
    },
  };
}

/** Functions that serve custom resources: CloudFormation runs them during a deployment, and nothing else does. */
export function deploymentFunctions({ Resources = {} }: RawTemplate): ReadonlySet<unknown> {
  const tokens = Object.values(Resources)
    .filter(({ Type }) => Type.startsWith("Custom::"))
    .map(({ Properties }) => Properties?.ServiceToken as { "Fn::GetAtt"?: [string, string] } | undefined);
  return new Set(tokens.map((token) => token?.["Fn::GetAtt"]?.[0]));
}
