import { createHash } from "node:crypto";
import { eventCatalogue } from "../../shared/events/catalogue.ts";
import { createApi } from "../../shared/http/api.ts";
import { openApiDocument } from "../../shared/http/openapi/document.ts";
import { pages } from "../../shared/http/pages.ts";
import { openApiRoutes } from "../../shared/http/routes/openapi.ts";
import { routes } from "../../shared/http/routes.ts";

/** By the address that the request was sent to; one execution environment sees one or two. */
const documents = new Map<string, OpenApi>();

interface OpenApi {
  readonly document: Record<string, unknown>;
  readonly etag: string;
}

function documentAt(apiUrl: string): OpenApi {
  const { TOKEN_URL: tokenUrl = `${apiUrl}/oauth2/token`, SCOPE_PREFIX: scopePrefix = "" } = process.env;
  const known = documents.get(apiUrl);
  if (known) return known;
  const document = openApiDocument(routes, eventCatalogue, { apiUrl, tokenUrl, scopePrefix });
  const hash = createHash("sha256").update(JSON.stringify(document)).digest("base64url").slice(0, 22);
  // weak: the same for the gzipped document (RFC 9110 §8.8.3)
  const made = { document, etag: `W/"${hash}"` };
  if (documents.size < MAXIMUM_DOCUMENTS) documents.set(apiUrl, made);
  return made;
}

const MAXIMUM_DOCUMENTS = 4;

/** If-None-Match compares weakly (RFC 9110 §13.1.2). */
const isKnown = (header: string | undefined, etag: string): boolean =>
  header?.split(",").some((tag) => ["*", etag, etag.slice(2)].includes(tag.trim())) ?? false;

/** The API's description of itself. */
export const handler = createApi(
  openApiRoutes,
  {
    getOpenApi: async ({ apiUrl, headers }) => {
      const { document, etag } = documentAt(apiUrl);
      const caching = { ETag: etag, "Cache-Control": "public, max-age=300" };
      return isKnown(headers["if-none-match"], etag)
        ? { status: 304, headers: caching }
        : { status: 200, headers: caching, body: document };
    },
  },
  { unrouted: routes, pages },
);
