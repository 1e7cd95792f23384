import { createApi } from "../../shared/http/api.ts";
import { openApiDocument } from "../../shared/http/openapi/document.ts";
import { openApiRoutes } from "../../shared/http/routes/openapi.ts";
import { routes } from "../../shared/http/routes.ts";

/** Made at the first request, not at init. */
let document: Record<string, unknown> | undefined;

/** The API's description of itself. */
export const handler = createApi(
  openApiRoutes,
  {
    getOpenApi: async () => {
      const { TOKEN_URL: tokenUrl = "/oauth2/token", SCOPE_PREFIX: scopePrefix = "" } = process.env;
      document ??= openApiDocument(routes, { tokenUrl, scopePrefix });
      return { status: 200, headers: { "Cache-Control": "public, max-age=300" }, body: document };
    },
  },
  {},
);
