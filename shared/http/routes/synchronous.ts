import type { CommandRoute } from "../../commands/command-route.ts";
import { messageId, status } from "../../commands/command-route.ts";
import { commandRoutes } from "../../commands/routes.ts";
import { rateLimitHeaders } from "../rate-limit.ts";
import type { Route } from "../route.ts";
import { Command, idempotencyHeader, network } from "../schemas.ts";

const commandId = {
  type: "string",
  description: "The command's id: GET /remote_commands/{commandId}.",
} as const;

const headers = {
  prefer: {
    type: "string",
    description:
      "RFC 7240: `wait=N` waits at most N seconds instead of 25 (maximum 25); `respond-async` returns 202 without waiting.",
    examples: ["wait=10", "respond-async"],
  },
  ...idempotencyHeader,
} as const;

/** The 202 of `respond-async`, which every command route has. */
const accepted = {
  description: "`Prefer: respond-async`: the command is under way.",
  schema: Command,
  headers: { Location: { type: "string", description: "The address of the command." } },
} as const;

const legacyNote =
  "A station with `link: legacy` gets the CALL, and the response does not wait: it has no members of the station's answer.";

const problems = [
  "not-found",
  "station-not-connected",
  "payload-too-large",
  "payload-violates-schema",
  "not-supported-by-protocol",
  "idempotency-key-reused",
  "too-many-parallel-requests",
  "station-call-error",
  "invalid-station-answer",
  "connection-lost",
  "station-busy",
  "station-timeout",
] as const;

const common = { method: "POST", scopes: ["write:ocpp"], query: network, headers, problems } as const;

/** The route of a command with everything that all commands share. */
const synchronous = <const R extends CommandRoute>({ path, answer, description, ...route }: R) =>
  ({
    ...common,
    ...route,
    path: `/remote_commands/synchronous/{cpId}/${path as R["path"]}`,
    description: description === undefined ? legacyNote : `${description} ${legacyNote}`,
    responses: {
      200: {
        description: "The station's answer.",
        schema: {
          type: "object",
          properties: { commandId, ...answer.properties },
          required: ["commandId", ...answer.required],
        },
        headers: rateLimitHeaders,
      },
      202: accepted,
    },
  }) as const;

type Synchronous<R extends CommandRoute> = typeof common &
  Pick<R, Extract<keyof R, "operationId" | "summary" | "body" | "bodyOptional">> & {
    readonly path: `/remote_commands/synchronous/{cpId}/${R["path"]}`;
    readonly description: string;
    readonly responses: Route["responses"];
  };

type AllSynchronous<Routes extends readonly CommandRoute[]> = {
  readonly [N in keyof Routes]: Synchronous<Routes[N]>;
};

/** Each route keeps its own types, so that handlers are typed by the schemas that validate their requests. */
const typed = commandRoutes.map(synchronous) as unknown as AllSynchronous<typeof commandRoutes>;

/** Commands whose HTTP request stays open until the station answers. */
export const synchronousRoutes = [
  ...typed,
  {
    ...common,
    operationId: "setPassword",
    path: "/stations/{cpId}/password",
    scopes: ["write:asset"],
    summary: "Set a new password on a station",
    description: [
      "For stations with `auth.type` `basic`. The password is sent as AuthorizationKey (OCPP 1.6) or BasicAuthPassword (2.x). The old password stays valid until the station has connected with the new one. If the station refuses the new password, the old one stays. After a 502 or 504 it is unknown which password the station has, so both are valid.",
      "Only the first response contains a generated password; a repeat with the same Idempotency-Key does not. To avoid its loss, send a password. `Prefer: respond-async` is not supported, because the password would have to be stored in plain text.",
      "A station with `link: legacy` gets the CALL, and the response comes without `status` before the station answers. From then on the new password is valid, too.",
    ].join("\n\n"),
    headers: {
      prefer: {
        type: "string",
        description: "RFC 7240: `wait=N` waits at most N seconds instead of 25 (maximum 25).",
        examples: ["wait=10"],
      },
      ...idempotencyHeader,
    },
    secrets: ["password"],
    body: {
      type: "object",
      properties: {
        password: {
          type: "string",
          pattern: "^[A-Za-z0-9*_=:+|@.~-]{16,40}$",
          description:
            "16 to 40 of the characters that OCPP 2.x allows. OCPP 1.6 takes 16 to 20, or 32 to 40 hexadecimal digits, which stand for as many bytes. Generated where it is absent.",
        },
      },
      additionalProperties: false,
    },
    bodyOptional: true,
    responses: {
      200: {
        description: "The station's answer.",
        schema: {
          type: "object",
          properties: {
            commandId,
            ocppMessageId: messageId,
            status: { ...status, examples: ["Accepted", "RebootRequired", "Rejected"] },
            password: {
              type: "string",
              description:
                "The generated password, present if the station accepted it. It is returned only once.",
            },
          },
          required: ["commandId", "ocppMessageId"],
        },
      },
    },
  },
] as const satisfies readonly Route[];
