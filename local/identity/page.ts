import { createHash } from "node:crypto";
import type { User } from "./clients.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem 0; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere; }
button { display: block; width: 100%; margin: 0 0 .75rem; padding: .75rem 1rem; border: 1px solid currentColor;
  border-radius: .5rem; background: transparent; color: inherit; font: inherit; text-align: left; cursor: pointer; }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible { outline: 3px solid #0972d3; outline-offset: 2px; }
strong, small { display: block; }
`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? "");

/** A page of the local issuer, and of what else is shown in place of the console. `content` is HTML. */
function page(status: number, title: string, content: string, head = ""): Answer {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": contentSecurityPolicy,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${content}
</main>
</body>
</html>
`,
  };
}

/** A page with one paragraph. */
export const messagePage = (status: number, title: string, text: string): Answer =>
  page(status, title, `<p>${escaped(text)}</p>`);

/** A page that the browser asks for again after a second. */
export const waitingPage = (title: string, text: string): Answer =>
  page(503, title, `<p role="status">${escaped(text)}</p>`, '<meta http-equiv="refresh" content="1">\n');

/** One button for each user. The parameters of the request come back with the choice, in the form. */
export function signInPage(
  parameters: Iterable<readonly [string, string]>,
  users: Readonly<Record<string, User>>,
): Answer {
  const hidden = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const buttons = Object.entries(users).map(
    ([name, { about }]) =>
      `<button name="user" value="${escaped(name)}"><strong>Sign in as ${escaped(name)}</strong>` +
      `<small>${escaped(about)}</small></button>`,
  );
  return page(
    200,
    "Sign in",
    `<p>These users exist only on this machine and have no password.</p>
<form method="post" action="/oauth2/authorize">
${[...hidden, ...buttons].join("\n")}
</form>`,
  );
}
