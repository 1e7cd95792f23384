import type { FromSchema, JSONSchema } from "json-schema-to-ts";
import type { DeepReadonly } from "../schema/deep-readonly.ts";

/**
 * The route of one synchronous command: only what differs from command to command. `shared/http` adds what all of
 * them share: method, scope, headers, problems, `commandId` in the answer. Pure data, so that the CDK app and the
 * OpenAPI document can import it.
 */
export interface CommandRoute {
  readonly operationId: string;
  /** What follows `/remote_commands/synchronous/{cpId}/`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** The request's body; absent: the request has none. */
  readonly body?: JSONSchema;
  /** Whether a request without a body counts as `{}`. */
  readonly bodyOptional?: true;
  /** The members of the 200 body besides `commandId`. */
  readonly answer: {
    readonly properties: Readonly<Record<string, JSONSchema>>;
    readonly required: readonly string[];
  };
}

export type PathParam<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParam<Rest>
  : never;

/** What a command gets from its route: the members of the body and the parameters of its path. */
export type InputOf<R extends CommandRoute> = (R extends { body: infer Body extends JSONSchema }
  ? DeepReadonly<FromSchema<Body>>
  : object) & {
  readonly [Name in PathParam<R["path"]>]: string;
};

export const messageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

export const status = {
  type: "string",
  description: "The station's own answer. A refusal is an answer too.",
} as const;

/** The members of a body that mean a connector: one of them, or none for the whole station. */
export const connectorMembers = {
  connectorUuid: { type: "string", minLength: 1, description: "The connector's UUID." },
  connector: {
    type: "string",
    minLength: 1,
    description:
      "Instead of connectorUuid: `2` (as OCPP 1.6 counts connectors) or `2:1` (EVSE and connector).",
    examples: ["2:1"],
  },
} as const;

/** The answer of a command that returns only the station's status. */
export const statusAnswer = {
  properties: { ocppMessageId: messageId, status },
  required: ["ocppMessageId"],
} as const;
