import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createIdentity, type Identity } from "../../local/identity.ts";

const issuer = "https://cognito-idp.local-1.amazonaws.com/local-1_pool";
let nowMs = Date.parse("2026-11-20T12:00:00Z");

const identity = await createIdentity({
  issuer,
  audiences: ["demo", "other", "operator"],
  scopePrefix: "ocpp-relay/",
  scopes: ["read:ocpp", "write:ocpp", "read:network"],
  clients: {
    demo: { secret: "demo-secret" },
    other: { secret: "other:secret", scopes: ["read:ocpp"] },
    stranger: { secret: "stranger-secret" },
  },
  now: () => nowMs,
});

const basic = (clientId: string, secret: string) => `Basic ${btoa(`${clientId}:${secret}`)}`;

async function post(form: Record<string, string>, authorization?: string, from: Identity = identity) {
  const { status, headers, body } = await from.token({
    body: new URLSearchParams(form).toString(),
    contentType: "application/x-www-form-urlencoded",
    ...(authorization === undefined ? {} : { authorization }),
  });
  return { status, headers, body: JSON.parse(body) };
}

const grant = { grant_type: "client_credentials" };

describe("the token endpoint", () => {
  it("gives an access token with Cognito's claims for Basic credentials", async () => {
    const { status, headers, body } = await post(grant, basic("demo", "demo-secret"));

    expect(status).toBe(200);
    expect(headers).toMatchObject({ "cache-control": "no-store" });
    expect(body).toMatchObject({ expires_in: 3600, token_type: "Bearer" });
    expect(decodeProtectedHeader(body.access_token)).toEqual({ alg: "RS256", kid: expect.any(String) });
    expect(decodeJwt(body.access_token)).toEqual({
      sub: "demo",
      client_id: "demo",
      token_use: "access",
      version: 2,
      scope: "ocpp-relay/read:ocpp ocpp-relay/write:ocpp ocpp-relay/read:network",
      iss: issuer,
      iat: nowMs / 1000,
      exp: nowMs / 1000 + 3600,
      jti: expect.any(String),
    });
  });

  it("takes the credentials in the form, too", async () => {
    const { status } = await post({ ...grant, client_id: "demo", client_secret: "demo-secret" });
    expect(status).toBe(200);
  });

  it("takes a secret with a colon", async () => {
    const { status } = await post(grant, basic("other", "other:secret"));
    expect(status).toBe(200);
  });

  it.each([
    ["one", "ocpp-relay/write:ocpp", "ocpp-relay/write:ocpp"],
    ["two", "ocpp-relay/write:ocpp ocpp-relay/read:ocpp", "ocpp-relay/write:ocpp ocpp-relay/read:ocpp"],
    ["repeated", "ocpp-relay/read:ocpp ocpp-relay/read:ocpp", "ocpp-relay/read:ocpp"],
  ])("narrows the scope: %s", async (_, scope, given) => {
    const { body } = await post({ ...grant, scope }, basic("demo", "demo-secret"));
    expect(decodeJwt(body.access_token).scope).toBe(given);
  });

  it.each([
    ["a wrong secret", grant, basic("demo", "wrong"), 401, "invalid_client"],
    ["an unknown client", grant, basic("nobody", "demo-secret"), 401, "invalid_client"],
    ["an inherited name", grant, basic("constructor", ""), 401, "invalid_client"],
    ["no credentials", grant, undefined, 401, "invalid_client"],
    [
      "another grant",
      { grant_type: "password" },
      basic("demo", "demo-secret"),
      400,
      "unsupported_grant_type",
    ],
    ["no grant", {}, basic("demo", "demo-secret"), 400, "invalid_request"],
    [
      "an unknown scope",
      { ...grant, scope: "ocpp-relay/write:all" },
      basic("demo", "demo-secret"),
      400,
      "invalid_scope",
    ],
    [
      "a scope without the prefix, as Cognito refuses it",
      { ...grant, scope: "read:ocpp" },
      basic("demo", "demo-secret"),
      400,
      "invalid_scope",
    ],
    [
      "a scope not its own",
      { ...grant, scope: "ocpp-relay/write:ocpp" },
      basic("other", "other:secret"),
      400,
      "invalid_scope",
    ],
  ])("refuses %s", async (_, form, authorization, status, error) => {
    expect(await post(form as Record<string, string>, authorization)).toMatchObject({
      status,
      body: { error },
    });
  });

  it("refuses a body that is not a form", async () => {
    const answer = await identity.token({
      authorization: basic("demo", "demo-secret"),
      contentType: "application/json",
      body: JSON.stringify(grant),
    });
    expect(answer).toMatchObject({ status: 400, body: '{"error":"invalid_request"}' });
  });
});

describe("verification", () => {
  const tokenOf = async (clientId: string, secret: string) =>
    (await post(grant, basic(clientId, secret))).body.access_token as string;

  it("returns the claims until the token expires by the given clock", async () => {
    const token = await tokenOf("demo", "demo-secret");

    nowMs += 3_599_000;
    await expect(identity.verify(token)).resolves.toMatchObject({ client_id: "demo" });
    nowMs += 2_000;
    await expect(identity.verify(token)).rejects.toThrow('"exp" claim');
  });

  it("refuses what another key signed, another issuer's, another audience's and a mangled one", async () => {
    const stranger = await createIdentity({
      issuer,
      audiences: ["demo"],
      scopePrefix: "",
      scopes: [],
      clients: { demo: { secret: "x" } },
      now: () => nowMs,
    });
    const foreign = await post(grant, basic("demo", "x"), stranger);
    const { privateKey } = await generateKeyPair("RS256");
    const unsigned = await new SignJWT({ client_id: "demo" })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer("https://elsewhere.example")
      .setExpirationTime("1h")
      .sign(privateKey);
    const otherAudience = await tokenOf("stranger", "stranger-secret");
    const token = await tokenOf("demo", "demo-secret");

    for (const bad of [foreign.body.access_token, unsigned, otherAudience, token.slice(0, -4), "", "a.b.c"]) {
      await expect(identity.verify(bad)).rejects.toThrow();
    }
  });
});
