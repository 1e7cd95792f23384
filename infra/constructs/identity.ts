import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  CfnUserPoolGroup,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
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

/** Where the users of a page sign in. */
export interface PageClient {
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly logoutUrl: string;
}

/** The groups of users, with what a member may do; shared/http/roles.ts reads them. */
const GROUPS = {
  "role:viewer": "Reads",
  "role:operator": "Reads, sends commands, changes stations",
  "role:admin": "All rights, networks included",
  "network:default": "The network default",
} as const;

/**
 * API clients and users in Amazon Cognito: one app client with a secret for each API consumer, tokens by the client
 * credentials grant; users, whom only an administrator creates, sign in to the console. The access tokens carry `client_id` and no `aud`; API Gateway's JWT authorizer
 * then compares `client_id` with its audience, so the audience is the list of these clients.
 */
export class Identity extends Construct implements TokenIssuer {
  readonly issuer: string;
  readonly scopePrefix = `${RESOURCE_SERVER}/`;
  readonly tokenUrl: string;
  /** Scheme and host of the token endpoint and the sign-in page. */
  readonly origin: string;
  readonly userPool: UserPool;
  /** Client ids by the clients' names. */
  readonly clientIds: Readonly<Record<string, string>>;
  readonly #scopes = new Map<Scope, ResourceServerScope>();
  readonly #server: UserPoolResourceServer;
  readonly #pageClientIds: string[] = [];

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
      // Of users. An app client has no second factor.
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      // The least that has managed login.
      featurePlan: FeaturePlan.ESSENTIALS,
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    });
    acknowledge(this.userPool, {
      "AwsSolutions-COG8":
        "What the Plus plan adds watches passwords; here every user has a second factor, and a web ACL is in front.",
    });

    const stack = Stack.of(this);
    const domain: UserPoolDomain = this.userPool.addDomain("Domain", {
      cognitoDomain: { domainPrefix: props.domainPrefix ?? `${stack.stackName}-${stack.account}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    this.origin = domain.baseUrl();
    this.tokenUrl = `${this.origin}/oauth2/token`;
    this.issuer = `https://cognito-idp.${stack.region}.${stack.urlSuffix}/${this.userPool.userPoolId}`;

    for (const [scopeName, scopeDescription] of Object.entries(scopes)) {
      this.#scopes.set(scopeName as Scope, new ResourceServerScope({ scopeName, scopeDescription }));
    }
    this.#server = this.userPool.addResourceServer("ResourceServer", {
      identifier: RESOURCE_SERVER,
      scopes: [...this.#scopes.values()],
    });
    this.clientIds = Object.fromEntries(props.clients.map((name) => [name, this.addClient(name)]));
  }

  get audience(): readonly string[] {
    return [...Object.values(this.clientIds), ...this.#pageClientIds];
  }

  /**
   * Lets users sign in to the page at a URL: a client without a secret, so authorization codes with PKCE. It gets
   * every scope, since Cognito grants scopes to clients and not to users; the API compares the groups of the user.
   * Without this the pool has no users' groups.
   */
  addPage(name: string, url: string): PageClient {
    for (const [groupName, description] of Object.entries(GROUPS)) {
      new CfnUserPoolGroup(this, `Group-${groupName.replace(":", "-")}`, {
        userPoolId: this.userPool.userPoolId,
        groupName,
        description,
      });
    }
    const { userPoolClientId: clientId } = this.userPool.addClient(`Page-${name}`, {
      userPoolClientName: name,
      generateSecret: false,
      // The page is Cognito's, so no password is ever sent from another one.
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [
          OAuthScope.OPENID,
          ...[...this.#scopes.values()].map((scope) => OAuthScope.resourceServer(this.#server, scope)),
        ],
        callbackUrls: [url],
        logoutUrls: [url],
      },
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      // A working day.
      refreshTokenValidity: Duration.hours(12),
      refreshTokenRotationGracePeriod: Duration.seconds(30),
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
    });
    // Managed login shows no page for a client without a style.
    new CfnManagedLoginBranding(this, `Branding-${name}`, {
      userPoolId: this.userPool.userPoolId,
      clientId,
      useCognitoProvidedValues: true,
    });
    this.#pageClientIds.push(clientId);
    return {
      clientId,
      authorizeUrl: `${this.origin}/oauth2/authorize`,
      tokenUrl: this.tokenUrl,
      logoutUrl: `${this.origin}/logout`,
    };
  }

  /** Tenants get every scope but the networks': those reach over all networks and are the operator's. */
  private addClient(name: string): string {
    const granted = [...this.#scopes].filter(([scope]) => name === "operator" || !scope.endsWith(":network"));
    const client = this.userPool.addClient(`Client-${name}`, {
      userPoolClientName: name,
      generateSecret: true,
      accessTokenValidity: Duration.hours(1),
      oAuth: {
        flows: { clientCredentials: true },
        scopes: granted.map(([, scope]) => OAuthScope.resourceServer(this.#server, scope)),
      },
    });
    return client.userPoolClientId;
  }
}
