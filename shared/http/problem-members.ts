/** The extension members of each problem, as the contract promises them: for the OpenAPI document. */

import type { JSONSchema } from "json-schema-to-ts";
import type { ProblemSlug } from "../problems.ts";
import { Protocol, Violation } from "./schemas.ts";

export interface ProblemMembers {
  /** What brings it about. */
  readonly when: string;
  readonly members?: Readonly<Record<string, JSONSchema>>;
  /** Response headers that come with it. */
  readonly headers?: readonly ("Retry-After" | "Location" | "Allow")[];
}

const text = { type: "string" } as const;
const errors = { type: "array", items: Violation } as const;
const ocppMessageId = { type: "string", description: "The OCPP message id of the CALL." } as const;

/** Those that `change_configurations` has by the time it fails. */
const results = {
  type: "array",
  items: { type: "object" },
  description: "change_configurations: what became of the keys so far. A key not sent by then is never sent.",
} as const;

export const problemMembers: Readonly<Record<ProblemSlug, ProblemMembers>> = {
  "invalid-request": { when: "The body is no JSON, or a field breaks its schema.", members: { errors } },
  "no-network": {
    when: "The client belongs to no network: the network that listed it does not list it any more, or clients that no network lists are not accepted.",
  },
  "method-not-allowed": {
    when: "The path exists, the method does not. `Allow` lists the methods that do.",
    headers: ["Allow"],
  },
  "not-empty": {
    when: "A network that has stations is deleted.",
    members: {
      stations: { type: "integer", description: "How many stations it has; more than 1,000 count as 1,000." },
    },
  },
  "precondition-failed": {
    when: "`If-Match` names another version than the current one. Nothing was changed.",
  },
  "not-found": { when: "There is nothing of that id, or it belongs to another network." },
  "attempt-not-pending": {
    when: "An attempt is cancelled that was sent or has ended.",
    members: { state: text },
  },
  "attempt-not-started": {
    when: "remote_stop of an attempt that has no running transaction.",
    members: { state: text },
  },
  "too-many-open-attempts": {
    when: "The station has 50 remote start attempts that wait to start. Charges that run do not count.",
    members: { open: { type: "integer", description: "How many attempts wait to start." } },
  },
  "station-not-connected": {
    when: "The station is known, but has no live connection. Nothing was sent.",
    members: { lastSeenAt: { type: "string", format: "date-time" } },
  },
  "already-exists": { when: "A station of that identity is registered." },
  "permanently-locked": {
    when: "Remote start on a permanently locked station or connector.",
    members: { locked: { type: "string", enum: ["station", "connector"] } },
  },
  "message-id-reused": { when: "A raw request's requestId was used for that station before." },
  "no-rate-assigned": { when: "Rate display synced for a station without a rate." },
  "payload-too-large": {
    when: "The CALL's frame would exceed what the connection carries. Nothing was sent.",
    members: { bytes: { type: "integer" }, limit: { type: "integer" } },
  },
  "unsupported-media-type": { when: "The body's Content-Type is not JSON." },
  "payload-violates-schema": {
    when: "The payload breaks the OCPP schema of the station's version. Nothing was sent.",
    members: { errors, protocol: Protocol, action: text },
  },
  "not-supported-by-protocol": {
    when: "The action or option does not exist in the station's OCPP version. Nothing was sent.",
    members: { protocol: Protocol, action: text },
  },
  "idempotency-key-reused": { when: "The Idempotency-Key came with another body before." },
  "too-many-parallel-requests": {
    when: "The network runs as many commands as it may. Nothing was sent.",
    members: { limit: { type: "integer" }, inUse: { type: "integer" } },
    headers: ["Retry-After"],
  },
  internal: { when: "Anything else.", members: { requestId: text } },
  "station-call-error": {
    when: "The station answered with a CALLERROR.",
    members: { errorCode: text, errorDescription: text, errorDetails: {}, ocppMessageId },
  },
  "invalid-station-answer": {
    when: "The station's answer breaks its OCPP schema.",
    members: { errors, ocppMessageId },
  },
  "connection-lost": {
    when: "The connection closed while the CALL was out; whether it was acted on is unknown.",
    members: { ocppMessageId },
  },
  "station-busy": {
    when: "The station's one outstanding CALL did not clear before the deadline. Nothing was sent.",
    headers: ["Retry-After"],
  },
  "station-timeout": {
    when: "No answer in time; whether it was acted on is unknown. A late answer still completes the command.",
    members: { ocppMessageId, waitedSeconds: { type: "number" }, results },
    headers: ["Location"],
  },
};
