const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";

type Contexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The stacks that are linted, by what is given as `-c key=value`: what a deployment chooses adds resources. */
export const contexts: Contexts = {
  default: {},
  everything: {
    clients: "operator,acme",
    cognitoDomain: "acme-relay",
    stationDomain: "ocpp.example.com",
    stationCertificate: certificate,
    plainWs: "allowed",
    certificateDomain: "ocpp3.example.com",
    certificateDomainCertificate: certificate,
    trustStore: "s3://acme-pki/stations.pem",
    originSecrets: "2,1",
    apiDomain: "api.example.com",
    apiCertificate: certificate,
    alarmEmail: "ops@example.com",
    lambdaConcurrency: "2000",
    tags: "team=charging,cost-centre=42",
  },
  little: {
    stage: "dev",
    issuer: "https://login.example.com/",
    audience: "ocpp-relay",
    tokenUrl: "https://login.example.com/oauth2/token",
    webAcl: "none",
    lambdaConcurrency: "0",
    apiGatewayLogRole: "false",
  },
};

/** Those of infra/account. */
export const accountContexts: Contexts = {
  account: { repository: "acme/ocpp-relay", stages: "dev,prod", webAclRate: "9000" },
  "account with a provider": {
    repository: "acme@123456/ocpp-relay@456789",
    githubProvider: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
  },
};
