/**
 * The handler of a function under `sam local`, in front of the one that is deployed, which lies beside it. It
 * does what the HTTP API does and `sam local start-api` does not: JWT authorizers are unknown there, and headers
 * come with capitals (samcli/local/apigw/event_constructor.py, 1.170.0).
 *
 * It is in no template that is deployed and in no bundle. It believes a token's claims without looking at the
 * signature, which is the reason why it ends at once where it is not `sam local` that started it.
 */

interface Event {
  readonly routeKey: string;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly requestContext: Readonly<Record<string, unknown>>;
}

interface Claims {
  readonly scope?: string;
  readonly exp?: number;
}

if (process.env.AWS_SAM_LOCAL !== "true") throw new Error("this handler is for sam local, and nothing else");

const load = (file: string) => import(new URL(file, import.meta.url).href);
const { handler: deployed } = await load("./index.mjs");
/** The scopes of each guarded route, one of which is enough. */
const { default: scopesOf }: { default: Readonly<Record<string, readonly string[]>> } = await import(
  new URL("./routes.json", import.meta.url).href,
  { with: { type: "json" } }
);

export async function handler(event: Event, context: object): Promise<unknown> {
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const wanted = scopesOf[event.routeKey];
  // an event file for `sam local invoke` may contain the caller
  if (wanted === undefined || event.requestContext.authorizer)
    return deployed({ ...event, headers }, context);
  const claims = claimsOf(headers.authorization);
  if (claims === undefined) return refusal(401, "Unauthorized");
  const scopes = claims.scope?.split(" ") ?? [];
  if (!wanted.some((scope) => scopes.includes(scope))) return refusal(403, "Forbidden");
  const authorizer = { jwt: { claims, scopes: wanted } };
  return deployed({ ...event, headers, requestContext: { ...event.requestContext, authorizer } }, context);
}

/** Of a bearer token that has not expired; undefined for anything else. */
function claimsOf(authorization: string | undefined): Claims | undefined {
  const payload = /^Bearer [^.]+\.([^.]+)\./i.exec(authorization ?? "")?.[1];
  try {
    const claims: Claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    return (claims.exp ?? 0) * 1000 > Date.now() ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** As the HTTP API's own. */
const refusal = (statusCode: number, message: string) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message }),
});
