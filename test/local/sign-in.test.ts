import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { createIdentity } from "../../local/identity.ts";

const issuer = "https://cognito-idp.local-1.amazonaws.com/local-1_pool";
const origin = "http://127.0.0.1:8080";
const redirectUri = `${origin}/console/`;
const codeVerifier = "a-verifier-of-forty-three-characters-or-more";
const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");

let nowMs = Date.parse("2026-11-20T12:00:00Z");

const page = {
  scopes: ["openid", "ocpp-relay/read:ocpp", "ocpp-relay/write:ocpp"],
  callbackPaths: ["/console/"],
  logoutPaths: ["/console/"],
  accessTokenSeconds: 3600,
  refreshTokenSeconds: 43_200,
};

const identity = await createIdentity({
  issuer,
  audiences: ["console", "other-console"],
  scopePrefix: "ocpp-relay/",
  scopes: ["read:ocpp", "write:ocpp"],
  clients: { demo: { secret: "demo-secret" } },
  publicClients: { console: { ...page, rotationGraceSeconds: 60 }, "other-console": page },
  users: {
    admin: { groups: ["role:admin", "network:default"], about: "All" },
    guest: { groups: [], about: "Nothing" },
  },
  now: () => nowMs,
});

const request = {
  response_type: "code",
  client_id: "console",
  redirect_uri: redirectUri,
  state: "state of the page",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
};
type Parameters = Record<string, string>;

/** The request without what is undefined. */
const parametersOf = (changes: Record<string, string | undefined>) =>
  new URLSearchParams(
    Object.entries({ ...request, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

/** Where the browser is sent to after the choice of the user. */
function signIn(changes: Record<string, string | undefined> = {}, user = "admin"): URL {
  const parameters = parametersOf({ ...changes, user });
  const { status, headers } = identity.authorize(origin, new URLSearchParams(), parameters);
  expect(status).toBe(302);
  return new URL(headers.location ?? "");
}

const codeOf = (changes?: Parameters, user?: string) => signIn(changes, user).searchParams.get("code") ?? "";

async function post(form: Parameters, authorization?: string) {
  const { status, body } = await identity.token({
    body: new URLSearchParams(form).toString(),
    contentType: "application/x-www-form-urlencoded",
    ...(authorization && { authorization }),
  });
  return { status, body: JSON.parse(body) };
}

const exchange = (code: string, changes: Parameters = {}) =>
  post({
    grant_type: "authorization_code",
    client_id: "console",
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
    ...changes,
  });

const refresh = (token: string, changes: Parameters = {}) =>
  post({ grant_type: "refresh_token", client_id: "console", refresh_token: token, ...changes });

const invalidGrant = { status: 400, body: { error: "invalid_grant" } };

describe("the sign-in page", () => {
  it("has one button for each user and keeps the request", () => {
    const { status, headers, body } = identity.authorize(origin, parametersOf({}));

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
    });
    expect(headers["content-security-policy"]).toContain("default-src 'none'; style-src 'sha256-");
    expect(body).toContain("Sign in as admin");
    expect(body).toContain("Sign in as guest");
    expect(body).toContain('name="state" value="state of the page"');
  });

  it("shows hostile values of the request as text", () => {
    const hostile = `"><script>alert('1')</script>&`;

    const { body } = identity.authorize(origin, parametersOf({ state: hostile, [hostile]: "x" }));

    const text = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
    expect(body).toContain(`name="state" value="${text}"`);
    expect(body).toContain(`name="${text}" value="x"`);
    expect(body).not.toContain("<script");
  });

  it.each([
    ["an unknown client", { client_id: "<b>nobody</b>" }, "&lt;b&gt;nobody&lt;/b&gt;"],
    ["an inherited name as client", { client_id: "constructor" }, "constructor"],
    ["no redirect_uri", { redirect_uri: undefined }, "(none)"],
    ["a redirect_uri of another host", { redirect_uri: "https://elsewhere.example/console/" }, "elsewhere"],
    ["a redirect_uri that only begins as the client's", { redirect_uri: `${redirectUri}x` }, "/console/x"],
    ["a redirect_uri with a query", { redirect_uri: `${redirectUri}?next=x` }, "next=x"],
  ])("is an error and no redirect for %s", (_, changes, text) => {
    for (const form of [undefined, parametersOf({ ...changes, user: "admin" })]) {
      const { status, headers, body } = identity.authorize(origin, parametersOf(changes), form);

      expect(status).toBe(400);
      expect(headers.location).toBeUndefined();
      expect(body).toContain(text);
      expect(body).not.toContain("<b>");
    }
  });

  it.each([
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
    ["no code_challenge", { code_challenge: undefined }, "invalid_request"],
    ["no code_challenge_method", { code_challenge_method: undefined }, "invalid_request"],
    ["a plain code_challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["a code_challenge that is no SHA-256", { code_challenge: "short" }, "invalid_request"],
    ["a scope that the client has not", { scope: "openid ocpp-relay/write:network" }, "invalid_scope"],
    ["prompt=none", { prompt: "none" }, "login_required"],
  ])("sends the browser back with an error for %s", (_, changes, error) => {
    const { status, headers } = identity.authorize(origin, parametersOf(changes));

    expect(status).toBe(302);
    const url = new URL(headers.location ?? "");
    expect(url.href).toMatch(redirectUri);
    expect(Object.fromEntries(url.searchParams)).toEqual({ error, state: "state of the page" });
  });

  it("sends the browser back with an error for a user that does not exist", () => {
    for (const user of ["stranger", "constructor", ""])
      expect(signIn({}, user).searchParams.get("error")).toBe("access_denied");
  });
});

describe("an authorization code", () => {
  it("comes back with the state, and is exchanged for tokens with Cognito's claims", async () => {
    const back = signIn({ nonce: "nonce of the page" });
    expect(back.searchParams.get("state")).toBe("state of the page");

    const { status, body } = await exchange(back.searchParams.get("code") ?? "");

    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 3600, token_type: "Bearer", refresh_token: expect.any(String) });
    const ofBoth = {
      sub: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      "cognito:groups": ["role:admin", "network:default"],
      iss: issuer,
      auth_time: nowMs / 1000,
      iat: nowMs / 1000,
      exp: nowMs / 1000 + 3600,
      jti: expect.any(String),
    };
    expect(decodeJwt(body.access_token)).toEqual({
      ...ofBoth,
      token_use: "access",
      version: 2,
      client_id: "console",
      username: "admin",
      scope: "openid ocpp-relay/read:ocpp ocpp-relay/write:ocpp",
    });
    expect(decodeJwt(body.id_token)).toEqual({
      ...ofBoth,
      token_use: "id",
      aud: "console",
      "cognito:username": "admin",
      nonce: "nonce of the page",
    });
    await expect(identity.verify(body.access_token)).resolves.toMatchObject({ username: "admin" });
  });

  it("grants the scopes that were asked for, and no id token without openid", async () => {
    const { body } = await exchange(codeOf({ scope: "ocpp-relay/read:ocpp" }));

    expect(decodeJwt(body.access_token).scope).toBe("ocpp-relay/read:ocpp");
    expect(body.id_token).toBeUndefined();
  });

  it("gives a user without groups a token without the claim", async () => {
    const { body } = await exchange(codeOf({}, "guest"));

    expect(decodeJwt(body.access_token)).not.toHaveProperty("cognito:groups");
  });

  it("is refused the second time, and ends the tokens of the first", async () => {
    const code = codeOf();
    const first = await exchange(code);
    const second = await refresh(first.body.refresh_token);

    expect(await exchange(code)).toEqual(invalidGrant);

    expect(await refresh(first.body.refresh_token)).toEqual(invalidGrant);
    expect(await refresh(second.body.refresh_token)).toEqual(invalidGrant);
  });

  it.each([
    ["another code_verifier", { code_verifier: `${codeVerifier}.` }],
    ["another redirect_uri", { redirect_uri: `${origin}/` }],
  ])("is refused with %s, and is used up then", async (_, changes) => {
    const code = codeOf();

    expect(await exchange(code, changes)).toEqual(invalidGrant);
    expect(await exchange(code)).toEqual(invalidGrant);
  });

  it("is refused to another client, and stays its own client's", async () => {
    const code = codeOf();

    expect(await exchange(code, { client_id: "other-console" })).toEqual(invalidGrant);
    expect((await exchange(code)).status).toBe(200);
  });

  it("is refused after five minutes", async () => {
    const [early, late] = [codeOf(), codeOf()];

    nowMs += 299_999;
    expect((await exchange(early)).status).toBe(200);
    nowMs += 1;
    expect(await exchange(late)).toEqual(invalidGrant);
  });

  it.each(["code", "redirect_uri", "code_verifier", "grant_type"])("needs %s", async (member) => {
    const answer = await exchange(codeOf(), { [member]: "" });

    expect(answer).toEqual({ status: 400, body: { error: "invalid_request" } });
  });
});

describe("a refresh token", () => {
  it("gives new tokens of the same sign-in until it expires, though it was replaced in between", async () => {
    const began = nowMs;
    let { refresh_token: token } = (await exchange(codeOf())).body;

    nowMs += 43_000_000;
    const { status, body } = await refresh(token);
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)).toMatchObject({ username: "admin", auth_time: began / 1000 });
    token = body.refresh_token;
    nowMs = began + 43_200_000;

    expect(await refresh(token)).toEqual(invalidGrant);
  });

  it("is valid for the grace period after it was replaced", async () => {
    const { refresh_token: token } = (await exchange(codeOf())).body;

    await refresh(token);
    nowMs += 59_999;
    expect((await refresh(token)).status).toBe(200);
    nowMs += 1;
    expect(await refresh(token)).toEqual(invalidGrant);
  });

  it("is not replaced for a client without rotation", async () => {
    const code = codeOf({ client_id: "other-console" });
    const { body } = await exchange(code, { client_id: "other-console" });

    nowMs += 3_600_000;
    const again = await refresh(body.refresh_token, { client_id: "other-console" });

    expect(again.status).toBe(200);
    expect(again.body.refresh_token).toBeUndefined();
  });

  it("is refused to another client, and where it is unknown", async () => {
    const { refresh_token: token } = (await exchange(codeOf())).body;

    expect(await refresh(token, { client_id: "other-console" })).toEqual(invalidGrant);
    expect(await refresh("unknown")).toEqual(invalidGrant);
  });
});

describe("grants of the wrong kind of client", () => {
  it.each(["authorization_code", "refresh_token"])(
    "an API client gets no tokens by %s",
    async (grant_type) => {
      const answer = await post({ grant_type, code: codeOf() }, `Basic ${btoa("demo:demo-secret")}`);

      expect(answer).toEqual({ status: 400, body: { error: "unauthorized_client" } });
    },
  );

  it.each([
    ["client_credentials", { grant_type: "client_credentials" }, 400, "unauthorized_client"],
    ["password", { grant_type: "password" }, 400, "unsupported_grant_type"],
    ["a secret", { grant_type: "client_credentials", client_secret: "x" }, 401, "invalid_client"],
  ])("a page gets no tokens by %s", async (_, form, status, error) => {
    expect(await post({ client_id: "console", ...form } as Parameters)).toEqual({ status, body: { error } });
  });
});

describe("signing out", () => {
  const logout = (query: Parameters) => identity.logout(origin, new URLSearchParams(query));

  it("sends the browser to an address of the client", () => {
    const { status, headers } = logout({ client_id: "console", logout_uri: redirectUri });

    expect(status).toBe(302);
    expect(headers.location).toBe(redirectUri);
  });

  it.each([
    ["another address", { client_id: "console", logout_uri: "https://elsewhere.example/" }],
    ["another client", { client_id: "demo", logout_uri: redirectUri }],
    ["no parameters", {}],
  ])("is an error and no redirect for %s", (_, query) => {
    const { status, headers } = logout(query as Parameters);

    expect(status).toBe(400);
    expect(headers.location).toBeUndefined();
  });
});
