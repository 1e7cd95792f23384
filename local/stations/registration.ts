/** Registers simulated stations through the remote API, as an operator would. */

export interface Registration {
  readonly identity: string;
  readonly networkId?: string;
  readonly defaultProtocol?: string;
  /** Without one the API makes a password. */
  readonly password?: string;
  /** Whether it shows a client certificate instead. @default false */
  readonly certificate?: boolean;
}

/**
 * `POST /stations` with Basic authentication, or for a client certificate.
 *
 * @returns the password the station connects with; undefined where the identity is taken, so that the
 *   password is whatever it was registered with, and where there is none
 */
export async function registerStation(
  apiUrl: string,
  token: string,
  { password, certificate, ...station }: Registration,
): Promise<string | undefined> {
  const auth = certificate
    ? { type: "certificate" }
    : { type: "basic", ...(password === undefined ? {} : { password }) };
  const response = await fetch(`${apiUrl}/stations`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ ...station, auth }),
  });
  if (response.status === 409) return undefined;
  if (response.status !== 201) {
    throw new Error(`registering ${station.identity} failed: ${response.status} ${await response.text()}`);
  }
  const created = (await response.json()) as { password?: string };
  return password ?? created.password;
}

/** A token by the client credentials grant of the local token endpoint. */
export async function fetchToken(apiUrl: string, clientId: string, secret: string): Promise<string> {
  const response = await fetch(`${apiUrl}/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!response.ok) throw new Error(`no token for ${clientId}: ${response.status} ${await response.text()}`);
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}
