/** `config.json` beside `index.html`: what differs from deployment to deployment. */
export interface Config {
  readonly apiUrl: string;
  /** The issuer of the tokens. */
  readonly authority: string;
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Where the identity provider ends its own session; absent: it has none. */
  readonly logoutUrl?: string;
  /** What the identity provider writes before each scope: `ocpp-relay/`. */
  readonly scopePrefix: string;
  readonly scopes: readonly string[];
  /** The station endpoint, `wss://…/ocpp`, for the instructions of an empty fleet. */
  readonly stationUrl?: string;
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch(new URL("config.json", document.baseURI));
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return (await response.json()) as Config;
}
