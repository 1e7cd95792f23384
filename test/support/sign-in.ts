import { createHash, randomBytes } from "node:crypto";

/** Signs a user in to the console of a stack on this machine, as a browser would. @returns the access token */
export async function signIn(apiUrl: string, user: "admin" | "operator" | "viewer"): Promise<string> {
  const redirectUri = `${apiUrl}/console/`;
  const codeVerifier = randomBytes(32).toString("base64url");
  const chosen = await fetch(`${apiUrl}/oauth2/authorize`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({
      response_type: "code",
      client_id: "console",
      redirect_uri: redirectUri,
      code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
      code_challenge_method: "S256",
      user,
    }),
  });
  const code = new URL(chosen.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const exchanged = await fetch(`${apiUrl}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "console",
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
    }),
  });
  const { access_token: token } = (await exchanged.json()) as { access_token: string };
  return token;
}
