import { createHash } from "node:crypto";
import type { HttpResult } from "./event.ts";

/** A page for people, beside the API: it needs no token and contains nothing of any network. */
export type Page = () => Promise<HttpResult>;

const DAY_S = 24 * 60 * 60;

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}code{background:#8882}";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Headers of every page: nothing from another host, and no frame around it. */
const guarded = (policy: string) => ({
  "content-security-policy": `default-src 'none'; ${policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "public, max-age=300",
});

const html = (body: string, policy: string): HttpResult => ({
  statusCode: 200,
  headers: { "content-type": "text/html; charset=utf-8", ...guarded(policy) },
  body: `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n${body}\n</html>\n`,
});

const home = (): HttpResult =>
  html(
    `<title>ocpp-relay</title>
<style>${STYLE}</style>
<h1>ocpp-relay</h1>
<p>Charging stations connect here by OCPP-J. API clients send them commands by HTTPS and get the station's own answer in the same response, for OCPP 1.6, 2.0.1 and 2.1 alike.</p>
<ul>
<li><a href="/docs">The API, page by page</a></li>
<li><a href="/openapi.json">Its OpenAPI 3.1 document</a>, for client generators</li>
</ul>
<p>Every call needs a token with a scope (OAuth 2.0 client credentials): <code>Authorization: Bearer …</code></p>`,
    `style-src ${hashOf(STYLE)}`,
  );

/** RapiDoc styles its parts by attributes and constructed sheets, which no hash can name. */
const reference = (): HttpResult =>
  html(
    `<title>The API of ocpp-relay</title>
<script src="/docs/rapidoc.js" defer></script>
<rapi-doc spec-url="/openapi.json" render-style="read" show-header="false" load-fonts="false" allow-spec-url-load="false" allow-spec-file-load="false" allow-server-selection="false" regular-font="system-ui, sans-serif"></rapi-doc>`,
    "script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
  );

async function rapidoc(): Promise<HttpResult> {
  const { default: body } = await import("rapidoc/dist/rapidoc-min.js", { with: { type: "text" } });
  const headers = { ...guarded("sandbox"), "cache-control": `public, max-age=${DAY_S}` };
  return { statusCode: 200, headers: { "content-type": "text/javascript; charset=utf-8", ...headers }, body };
}

/** The pages by their paths. */
export const pages: Readonly<Record<string, Page>> = {
  "/": async () => home(),
  "/docs": async () => reference(),
  "/docs/rapidoc.js": rapidoc,
};
