import { createApi } from "../../shared/http/api.ts";
import { openApiDocument } from "../../shared/http/openapi/document.ts";
import { openApiRoutes } from "../../shared/http/routes/openapi.ts";
import { routes } from "../../shared/http/routes.ts";

/** By the address that the request was sent to; one execution environment sees one or two. */
const documents = new Map<string, Record<string, unknown>>();

function documentAt(apiUrl: string): Record<string, unknown> {
  const { TOKEN_URL: tokenUrl = `${apiUrl}/oauth2/token`, SCOPE_PREFIX: scopePrefix = "" } = process.env;
  const document = documents.get(apiUrl) ?? openApiDocument(routes, { apiUrl, tokenUrl, scopePrefix });
  if (documents.size < MAXIMUM_DOCUMENTS) documents.set(apiUrl, document);
  return document;
}

const MAXIMUM_DOCUMENTS = 4;

/** The API's description of itself. */
export const handler = createApi(
  openApiRoutes,
  {
    getOpenApi: async ({ apiUrl }) => ({
      status: 200,
      headers: { "Cache-Control": "public, max-age=300" },
      body: documentAt(apiUrl),
    }),
  },
  { unrouted: routes },
);
