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
    headers: {
      "if-none-match": {
        type: "string",
        maxLength: 1000,
        description: "The `ETag` of the client's copy. The response is 304 if the copy is current.",
      },
    },
    responses: {
      200: {
        description: "The OpenAPI 3.1 document.",
        schema: { type: "object" },
        headers: { ETag: { type: "string", description: "The version of the document." } },
      },
      304: { description: "The copy of the client is current.", schema: null },
    },
    problems: [],
  },
] as const satisfies readonly Route[];
