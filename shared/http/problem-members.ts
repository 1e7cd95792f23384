/** The extension members of each problem, as the contract promises them: for the OpenAPI document. */

import type { JSONSchema } from "json-schema-to-ts";
import type { ProblemSlug } from "../problems.ts";
import { Protocol, Violation } from "./schemas.ts";

export interface ProblemMembers {
  /** What brings it about. */
  readonly when: string;
  readonly members?: Readonly<Record<string, JSONSchema>>;
  /** Response headers that come with it. */
  readonly headers?: readonly ("Retry-After" | "Location" | "Allow" | "RateLimit" | "RateLimit-Policy")[];
}

const text = { type: "string" } as const;
const errors = { type: "array", items: Violation } as const;
const ocppMessageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

/** Those that `change_configurations` has by the time it fails. */
const results = {
  type: "array",
  items: { type: "object" },
  description:
    "`change_configurations`: the results of the keys sent so far. The remaining keys are not sent.",
} as const;

const acceptedEntries = {
  type: "integer",
  description:
    "`send_local_list`: the entries that the station had accepted before. The remaining ones are not sent.",
} as const;

export const problemMembers: Readonly<Record<ProblemSlug, ProblemMembers>> = {
  "invalid-request": {
    when: "The body is not valid JSON, or a field violates its schema.",
    members: { errors },
  },
  forbidden: { when: "A user signed in, and no role of the user grants a scope of this operation." },
  "no-network": {
    when: "The client belongs to no network: its network has removed it, or the deployment does not accept clients that no network lists. Or a user signed in, and no group of the user names an existing network.",
  },
  "method-not-allowed": {
    when: "The path does not support this method. `Allow` lists the supported methods.",
    headers: ["Allow"],
  },
  "not-empty": {
    when: "The network to delete still has stations.",
    members: {
      stations: { type: "integer", description: "Number of stations of the network, counted up to 1,000." },
    },
  },
  "too-many-webhooks": {
    when: "The network has as many webhooks as it can have.",
    members: { limit: { type: "integer" } },
  },
  "precondition-failed": {
    when: "`If-Match` names another version than the current one. Nothing was changed.",
  },
  "not-found": { when: "No resource has this id, or the resource belongs to another network." },
  "attempt-not-pending": {
    when: "The attempt to cancel was already sent or has ended.",
    members: { state: text },
  },
  "attempt-not-started": {
    when: "`remote_stop` names an attempt that has no running transaction.",
    members: { state: text },
  },
  "too-many-open-attempts": {
    when: "The station already has 50 remote start attempts that have not started. Running transactions do not count.",
    members: { open: { type: "integer", description: "Number of attempts that have not started." } },
  },
  "station-not-connected": {
    when: "The station is registered, but not connected. Nothing was sent.",
    members: { lastSeenAt: { type: "string", format: "date-time" }, acceptedEntries },
  },
  "already-exists": { when: "A station with this identity is already registered in the network." },
  "permanently-locked": {
    when: "A remote start addresses a permanently locked station or connector.",
    members: { locked: { type: "string", enum: ["station", "connector"] } },
  },
  "message-id-reused": { when: "The `requestId` of a raw request was already used for this station." },
  "no-rate-assigned": {
    when: "The rate display of a station without an assigned rate cannot be synchronized.",
  },
  "payload-too-large": {
    when: "The OCPP frame would exceed the maximum size that the connection can carry. Nothing was sent.",
    members: { bytes: { type: "integer" }, limit: { type: "integer" } },
  },
  "unsupported-media-type": { when: "The Content-Type of the body is not `application/json`." },
  "payload-violates-schema": {
    when: "The payload violates the schema of the station's OCPP version. Nothing was sent.",
    members: { errors, protocol: Protocol, action: text },
  },
  "not-supported-by-protocol": {
    when: "The action or option does not exist in the station's OCPP version. Nothing was sent.",
    members: {
      protocol: Protocol,
      action: text,
      nearest: {
        type: "array",
        items: text,
        description: "Raw requests: the actions of that version that are spelled most alike, if any.",
      },
    },
  },
  "idempotency-key-reused": {
    when: "The Idempotency-Key was used for a different request within the last 24 hours.",
  },
  "too-many-parallel-requests": {
    when: "The network already runs its maximum number of concurrent commands. Nothing was sent.",
    members: { limit: { type: "integer" }, inUse: { type: "integer" } },
    headers: ["Retry-After", "RateLimit", "RateLimit-Policy"],
  },
  internal: {
    when: "An unexpected error of the relay or of a service that it uses.",
    members: { requestId: text },
  },
  "station-call-error": {
    when: "The station answered with a CALLERROR.",
    members: { errorCode: text, errorDescription: text, errorDetails: {}, ocppMessageId, acceptedEntries },
  },
  "invalid-station-answer": {
    when: "The station's answer violates its OCPP schema.",
    members: { errors, ocppMessageId, acceptedEntries },
  },
  "connection-lost": {
    when: "The connection closed before the station answered. Whether the station executed the command is unknown.",
    members: { ocppMessageId, acceptedEntries },
  },
  "station-busy": {
    when: "Another command for the station was still in progress at the deadline. Nothing was sent.",
    members: { acceptedEntries },
    headers: ["Retry-After"],
  },
  "station-timeout": {
    when: "The station did not answer in time. Whether it executed the command is unknown. A late answer still completes the command.",
    members: { ocppMessageId, waitedSeconds: { type: "number" }, results, acceptedEntries },
    headers: ["Location"],
  },
};
