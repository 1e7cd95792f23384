import { describe, expect, it } from "vitest";
import { scopes } from "../../../shared/http/scopes.ts";
import { resourcesOf, templateOf } from "../../support/stack.ts";

const template = templateOf({ clients: "operator, acme" });
const client = (name: string) =>
  Object.values(resourcesOf(template, "AWS::Cognito::UserPoolClient"))
    .map(({ Properties }) => Properties)
    .find(({ ClientName }) => ClientName === name);
const granted = (name: string) =>
  client(name)?.AllowedOAuthScopes.map((scope: { "Fn::Join": [string, [unknown, string]] }) =>
    scope["Fn::Join"][1][1].slice(1),
  );

describe("Identity", () => {
  it("offers the contract's scopes under ocpp-relay", () => {
    template.hasResourceProperties("AWS::Cognito::UserPoolResourceServer", {
      Identifier: "ocpp-relay",
      Scopes: Object.entries(scopes).map(([ScopeName, ScopeDescription]) => ({
        ScopeName,
        ScopeDescription,
      })),
    });
  });

  it.each(["operator", "acme"])("gives %s a secret and client credentials, nothing else", (name) => {
    expect(client(name)).toMatchObject({
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
      AccessTokenValidity: 60,
    });
  });

  it("grants the operator every scope and tenants all but the networks'", () => {
    const all = Object.keys(scopes);

    expect(granted("operator")).toEqual(all);
    expect(granted("acme")).toEqual(all.filter((scope) => !scope.endsWith(":network")));
  });

  it("makes one API client, the operator's, where none is named", () => {
    const without = templateOf({ console: "false" });
    const clients = Object.values(resourcesOf(without, "AWS::Cognito::UserPoolClient"));

    expect(clients.map(({ Properties }) => Properties.ClientName)).toEqual(["operator"]);
  });

  it("permits no sign-up, demands a second factor of users, and outlives its stack", () => {
    template.hasResource("AWS::Cognito::UserPool", {
      DeletionPolicy: "Retain",
      Properties: {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        MfaConfiguration: "ON",
        EnabledMfas: ["SOFTWARE_TOKEN_MFA"],
        UserPoolTier: "ESSENTIALS",
        Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: true } },
        DeletionProtection: "ACTIVE",
      },
    });
  });

  it.each([
    [{}, { "Fn::Join": ["", ["ocpp-relay-test-", { Ref: "AWS::AccountId" }]] }],
    [{ cognitoDomain: "charging-acme" }, "charging-acme"],
  ])("has its token URL's host from %j", (context, Domain) => {
    templateOf(context).hasResourceProperties("AWS::Cognito::UserPoolDomain", { Domain });
  });
});
