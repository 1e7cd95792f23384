/**
 * Keeps passwords and keys out of what is stored, logged and shown. Generous on purpose: a masked value too
 * many can be asked for at the station, one too few is in a log for 30 days. The payload's schema is not
 * trusted, since what broke it is logged too.
 */

export const MASK = "***";

/** Parts of names that mark a secret, in any case and with any separators. */
const SECRET_NAME =
  /password|passwd|passphrase|passcode|secret|authorizationkey|privatekey|apikey|vpnkey|psk$|pwd$|simpin|accesstoken/;

/**
 * Whether a configuration key or variable holds a secret: `AuthorizationKey`, `basicauthpassword`,
 * `SecurityCtrlr.BasicAuthPassword`.
 */
export function isSecretKey(key: string): boolean {
  return SECRET_NAME.test(key.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}

/** Where a named thing has its value: configuration keys (1.6), variables and their attributes (2.x). */
const VALUE_PROPERTY = /^(actual|attribute)?value$/i;

/** Members in which a station comments on a variable, and may repeat its value (2.x). */
const REMARK_PROPERTY = /^(additional|tech)info$/i;

/** In the details of a CALLERROR a value may appear without its key. */
const ERROR_DETAILS = /^errordetails$/i;

/**
 * What a URL carries to be let in, as firmware and log locations do: `ftp://user:password@host/`,
 * `https://token@host/`, and in the query a token or the signature of a presigned request.
 */
const URL_USER = /(\w:\/\/(?:[^\s/?#:@]*:)?)[^\s/?#]*@/g;
const URL_QUERY =
  /([?&](?:[\w.-]*(?:signature|token|secret|password|credential)[\w.-]*|sig|key)=)[^\s&#"]+/gi;

const maskUrls = (text: string): string =>
  text.replaceAll(URL_USER, `$1${MASK}@`).replaceAll(URL_QUERY, `$1${MASK}`);

/**
 * A deep copy of a payload, or of a CALLERROR's details, in which secrets read `***`. What DataTransfer
 * carries is the vendor's own business and stays as it is.
 */
export function maskSecrets<Payload>(action: string, payload: Payload): Payload {
  if (action === "DataTransfer") return structuredClone(payload);
  return mask(payload, { ofSecret: false, inError: false, inVpn: false }) as Payload;
}

/** Whether there is anything in a payload that {@link maskSecrets} takes for a secret. */
export const holdsSecret = (action: string, payload: unknown): boolean =>
  JSON.stringify(maskSecrets(action, payload)) !== JSON.stringify(payload);

/** As much of a text that is no message is kept. */
const MAX_KEPT = 1000;

/** The message type and id at its beginning. */
const HEAD = /^\[\s*\d\s*,\s*"[\w.:-]*"/;

/**
 * The first 1,000 characters of what a station sent that is no JSON. Where any word of the text names a secret, only
 * message type and id are kept: without its structure nothing shows where the secret begins or ends.
 */
export function keptText(text: string): string {
  const namesSecret = isSecretKey(text) || text.split(/[^A-Za-z0-9._-]+/).some(isSecretKey);
  const kept = namesSecret ? `${HEAD.exec(text)?.[0] ?? ""}${MASK}` : maskUrls(text);
  return kept.slice(0, MAX_KEPT).toWellFormed();
}

interface Surroundings {
  /** Inside something that is named as a secret. */
  readonly ofSecret: boolean;
  /** Inside a CALLERROR's details, where a value may be a secret's without its name. */
  readonly inError: boolean;
  /** Inside SetNetworkProfile's `vpn`, where a bare `key` is one. */
  readonly inVpn: boolean;
}

function mask(value: unknown, surroundings: Surroundings): unknown {
  if (typeof value === "string") return maskUrls(value);
  if (Array.isArray(value)) return value.map((item) => mask(item, surroundings));
  if (typeof value !== "object" || value === null) return value;
  const ofSecret = surroundings.ofSecret || namesSecret(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      maskProperty(name, child, { ...surroundings, ofSecret }),
    ]),
  );
}

function maskProperty(name: string, child: unknown, surroundings: Surroundings): unknown {
  const { ofSecret, inError, inVpn } = surroundings;
  const isSecret =
    ((ofSecret || inError) && VALUE_PROPERTY.test(name)) ||
    (ofSecret && REMARK_PROPERTY.test(name)) ||
    (inVpn && /^key$/i.test(name)) ||
    isSecretKey(name);
  const isLeaf = typeof child !== "object" || child === null;
  if (isSecret && isLeaf) return MASK;
  return mask(child, {
    ofSecret,
    inError: inError || ERROR_DETAILS.test(name),
    inVpn: /^vpn$/i.test(name),
  });
}

/** `{key: "AuthorizationKey", …}`, or `{variable: {name: "BasicAuthPassword"}, …}`. */
function namesSecret(thing: object): boolean {
  const { key, variable } = thing as { key?: unknown; variable?: unknown };
  if (typeof key === "string" && isSecretKey(key)) return true;
  if (typeof variable !== "object" || variable === null) return false;
  const { name } = variable as { name?: unknown };
  return typeof name === "string" && isSecretKey(name);
}
