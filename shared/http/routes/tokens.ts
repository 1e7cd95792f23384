import { etagHeader, ifMatch } from "../if-match.ts";
import type { Route } from "../route.ts";
import { idempotencyHeader, listOf, network, paging, Token, TokenImport } from "../schemas.ts";

/** No control characters; no halves of characters, which UTF-8 cannot write. */
const idTag = {
  type: "string",
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,255}$",
  description: "The token: 1–255 characters, compared in any case.",
  examples: ["0A1B2C3D"],
} as const;

const { idTag: _, networkId: __, ...settings } = Token.properties;

/** A token of an import. */
export const NewToken = {
  type: "object",
  properties: { idTag, ...settings },
  required: ["idTag", "status"],
  additionalProperties: false,
} as const;

/** The token lists of networks. */
export const tokenRoutes = [
  {
    operationId: "importTokens",
    method: "POST",
    path: "/tokens/import",
    scopes: ["write:token"],
    summary: "Create or replace many tokens",
    description:
      "Stores up to 500 tokens in the network's list, each by itself: a token that is not valid does not prevent the others. A token that is in the list is replaced; tokens that the request does not name stay. Sent again, a file changes nothing: its tokens have the outcome `exists`.\n\nThe body may also be `text/csv` (UTF-8, comma-separated): a header row with the names of the members, one row a token. Columns: `idTag`, `type`, `status`, `expiresAt`, `groupId`, `note`.",
    query: network,
    headers: idempotencyHeader,
    csv: {
      list: "tokens",
      columns: {
        idTag: { path: ["idTag"] },
        type: { path: ["type"] },
        status: { path: ["status"] },
        expiresAt: { path: ["expiresAt"] },
        groupId: { path: ["groupId"] },
        note: { path: ["note"] },
      },
    },
    body: {
      type: "object",
      properties: {
        tokens: {
          type: "array",
          minItems: 1,
          maxItems: 500,
          items: {
            type: "object",
            description: "A token as for `putToken`, with its `idTag`. Each is checked by itself.",
          },
        },
      },
      required: ["tokens"],
      additionalProperties: false,
      examples: [
        {
          tokens: [
            { idTag: "0A1B2C3D", status: "Accepted", groupId: "FLEET-7" },
            { idTag: "4E5F6071", status: "Blocked" },
          ],
        },
      ],
    },
    responses: { 200: { description: "An outcome for each token, in order.", schema: TokenImport } },
    problems: ["not-found", "idempotency-key-reused"],
  },
  {
    operationId: "putToken",
    method: "PUT",
    path: "/tokens/{idTag}",
    scopes: ["write:token"],
    summary: "Create or replace a token",
    description:
      "Stores a token in the network's list. It decides from the next message of a station on, where the network's `authorization` is `listed`.",
    params: { idTag },
    query: network,
    headers: ifMatch,
    body: {
      type: "object",
      properties: settings,
      required: ["status"],
      additionalProperties: false,
      examples: [{ status: "Accepted", expiresAt: "2030-01-01T00:00:00Z", groupId: "FLEET-7" }],
    },
    responses: {
      200: { description: "The updated token.", schema: Token, headers: etagHeader },
      201: { description: "The created token.", schema: Token, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "getToken",
    method: "GET",
    path: "/tokens/{idTag}",
    scopes: ["read:token"],
    summary: "Read a token",
    description: "Returns a token of the network's list.",
    query: network,
    responses: { 200: { description: "The token.", schema: Token, headers: etagHeader } },
    problems: ["not-found"],
  },
  {
    operationId: "deleteToken",
    method: "DELETE",
    path: "/tokens/{idTag}",
    scopes: ["write:token"],
    summary: "Delete a token",
    description:
      "Removes the token from the network's list. Stations may have stored it: send `clear_cache` where it must end at once.",
    query: network,
    headers: ifMatch,
    responses: { 204: { description: "It is gone.", schema: null } },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "listTokens",
    method: "GET",
    path: "/tokens",
    scopes: ["read:token"],
    summary: "List the tokens of a network",
    description:
      "Returns the tokens of the network's list that match all filters, in alphabetical order. One request looks at 2,000 tokens at most: a page of a filtered list may have fewer items than `limit`, or none, and still a `nextCursor`.",
    query: {
      ...network,
      ...paging,
      idTag: {
        type: "string",
        minLength: 1,
        maxLength: 255,
        description: "The beginning of the token, in any case.",
        examples: ["0A1B"],
      },
      status: { ...Token.properties.status, description: "The status as it is stored." },
      groupId: { ...settings.groupId, description: "The group, in any case." },
    },
    responses: { 200: { description: "Tokens, in alphabetical order.", schema: listOf(Token) } },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
