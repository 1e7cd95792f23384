import type { Route } from "../route.ts";

/** The API's description of itself. */
export const openApiRoutes = [
  {
    operationId: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    scopes: [],
    summary: "Read this document",
    description: "Returns this OpenAPI 3.1 document. No token is needed.",
    responses: { 200: { description: "The OpenAPI 3.1 document.", schema: { type: "object" } } },
    problems: [],
  },
] as const satisfies readonly Route[];
