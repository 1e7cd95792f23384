/** The inputs of the services, read from the template. */
import { CONSOLE_PATH } from "./console.ts";
import { publicClientOf } from "./console-inputs.ts";
import type { TableProperties } from "./dynamodb.ts";
import type { JwtConfiguration } from "./http/jwt-authorizer.ts";
import type { User } from "./identity/clients.ts";
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

/** The client of the console. */
const CONSOLE_CLIENT = "console";

/** Users of the console, all in the network that is there from the beginning. */
const users: Readonly<Record<string, User>> = {
  admin: { groups: ["role:admin", "network:default"], about: "All rights, networks included" },
  operator: {
    groups: ["role:operator", "network:default"],
    about: "Reads, sends commands, changes stations",
  },
  viewer: { groups: ["role:viewer", "network:default"], about: "Reads, and changes nothing" },
};

/**
 * The local issuer stands in for the issuer that the API's authorizer trusts, with clients and users of its own.
 */
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
    audiences: [...Object.keys(clients), CONSOLE_CLIENT],
    scopePrefix,
    scopes: [...scopes],
    clients: Object.fromEntries(Object.entries(clients).map(([id, secret]) => [id, { secret }])),
    publicClients: {
      [CONSOLE_CLIENT]: publicClientOf(template, CONSOLE_PATH) ?? {
        scopes: ["openid", ...[...scopes].map((scope) => scopePrefix + scope)],
        callbackPaths: [CONSOLE_PATH],
        logoutPaths: [CONSOLE_PATH],
        accessTokenSeconds: 3600,
        refreshTokenSeconds: 12 * 3600,
      },
    },
    users,
  };
}

/** `config.json` of the console: the issuer's endpoints are beside the API, at the origin that the browser uses. */
export const consoleConfig = (
  { issuer, scopePrefix, scopes }: IdentityOptions,
  origin: string,
  stationUrl: string,
) => ({
  apiUrl: origin,
  authority: issuer,
  clientId: CONSOLE_CLIENT,
  authorizeUrl: `${origin}/oauth2/authorize`,
  tokenUrl: `${origin}/oauth2/token`,
  logoutUrl: `${origin}/logout`,
  scopePrefix,
  scopes: ["openid", ...scopes],
  stationUrl: `${stationUrl}/ocpp`,
});
