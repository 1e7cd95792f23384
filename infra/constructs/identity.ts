import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolDomain,
  type UserPoolResourceServer,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { type Scope, scopes } from "../../shared/http/scopes.ts";
import { acknowledge } from "./acknowledge.ts";

/** Whose tokens the remote API takes. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** What stands before each scope in its tokens. */
  readonly scopePrefix: string;
  /** Where clients get them. @default not known */
  readonly tokenUrl?: string;
}

export interface IdentityProps {
  /** App clients to make. */
  readonly clients: readonly string[];
  /** First label of the token URL's host. @default the stack's name and the account's id */
  readonly domainPrefix?: string;
  /** @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

const RESOURCE_SERVER = "ocpp-relay";

/**
 * API clients in Amazon Cognito: no users, one app client with a secret for each API consumer, tokens by the
 * client credentials grant. Its access tokens carry `client_id` and no `aud`; API Gateway's JWT authorizer
 * then compares `client_id` with its audience, so the audience is the list of these clients.
 */
export class Identity extends Construct implements TokenIssuer {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly scopePrefix = `${RESOURCE_SERVER}/`;
  readonly tokenUrl: string;
  readonly userPool: UserPool;
  /** Client ids by the clients' names. */
  readonly clientIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.userPool = new UserPool(this, "UserPool", {
      userPoolName: `${Stack.of(this).stackName}-clients`,
      selfSignUpEnabled: false,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    });
    const noUsers = "The pool has no users, only app clients with the client credentials grant";
    acknowledge(this.userPool, {
      "AwsSolutions-COG2": `${noUsers}: there is nobody to ask for a second factor.`,
      "AwsSolutions-COG8": `${noUsers}: what the Plus plan adds, threat protection, watches users signing in.`,
    });

    const stack = Stack.of(this);
    const domain: UserPoolDomain = this.userPool.addDomain("Domain", {
      cognitoDomain: { domainPrefix: props.domainPrefix ?? `${stack.stackName}-${stack.account}` },
    });
    this.tokenUrl = `${domain.baseUrl()}/oauth2/token`;
    this.issuer = `https://cognito-idp.${stack.region}.${stack.urlSuffix}/${this.userPool.userPoolId}`;

    const serverScopes = new Map<Scope, ResourceServerScope>();
    for (const [scopeName, scopeDescription] of Object.entries(scopes)) {
      serverScopes.set(scopeName as Scope, new ResourceServerScope({ scopeName, scopeDescription }));
    }
    const server = this.userPool.addResourceServer("ResourceServer", {
      identifier: RESOURCE_SERVER,
      scopes: [...serverScopes.values()],
    });
    this.clientIds = Object.fromEntries(
      props.clients.map((name) => [name, this.addClient(name, server, serverScopes)]),
    );
    this.audience = Object.values(this.clientIds);
  }

  /** Tenants get every scope but the networks': those reach over all networks and are the operator's. */
  private addClient(
    name: string,
    server: UserPoolResourceServer,
    serverScopes: ReadonlyMap<Scope, ResourceServerScope>,
  ): string {
    const granted = [...serverScopes].filter(([scope]) => name === "operator" || !scope.endsWith(":network"));
    const client = this.userPool.addClient(`Client-${name}`, {
      userPoolClientName: name,
      generateSecret: true,
      accessTokenValidity: Duration.hours(1),
      oAuth: {
        flows: { clientCredentials: true },
        scopes: granted.map(([, scope]) => OAuthScope.resourceServer(server, scope)),
      },
    });
    return client.userPoolClientId;
  }
}
