/** The inputs of the services, read from the template. */
import type { TableProperties } from "./dynamodb.ts";
import type { JwtConfiguration } from "./http/jwt-authorizer.ts";
import type { IdentityOptions } from "./identity.ts";
import { partsOf } from "./integrations.ts";
import type { Resource, Template } from "./template.ts";

/** Where an API of the template is when it is deployed. */
export function executeApi(template: Template, api: Resource): string {
  return `${template.ref(api)}.execute-api.${template.region}.amazonaws.com`;
}

/** The tables' properties by physical name. */
export function tablesOf(template: Template): Record<string, TableProperties> {
  return Object.fromEntries(
    template.ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable").map((table) => [
      template.name(table),
      {
        KeySchema: template.property<TableProperties["KeySchema"]>(table, "KeySchema") ?? [],
        AttributeDefinitions: template.property(table, "AttributeDefinitions"),
        GlobalSecondaryIndexes: template.property(table, "GlobalSecondaryIndexes") ?? [],
        TimeToLiveSpecification: template.property(table, "TimeToLiveSpecification") ?? {},
      },
    ]),
  );
}

/** The token endpoint stands in for the issuer that the API's authorizer trusts, with clients of its own. */
export function identityOf(
  template: Template,
  api: Resource,
  clients: Readonly<Record<string, string>>,
): IdentityOptions {
  const [authorizer] = partsOf(template, api, "AWS::ApiGatewayV2::Authorizer");
  const [resourceServer] = template.ofType("AWS::Cognito::UserPoolResourceServer");
  const jwt = authorizer && template.property<JwtConfiguration>(authorizer, "JwtConfiguration");
  const scopePrefix = resourceServer === undefined ? "" : `${template.name(resourceServer)}/`;
  const declared =
    resourceServer && template.property<{ readonly ScopeName: string }[]>(resourceServer, "Scopes");
  const used = partsOf(template, api, "AWS::ApiGatewayV2::Route").flatMap(
    (route) => template.property<string[]>(route, "AuthorizationScopes") ?? [],
  );
  const scopes = new Set(declared?.map(({ ScopeName }) => ScopeName) ?? []);
  for (const scope of used) scopes.add(scope.replace(scopePrefix, ""));
  return {
    issuer: jwt?.Issuer ?? "",
    audiences: Object.keys(clients),
    scopePrefix,
    scopes: [...scopes],
    clients: Object.fromEntries(Object.entries(clients).map(([id, secret]) => [id, { secret }])),
  };
}
