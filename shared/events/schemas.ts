/** Schemas of the outgoing events: the detail of each, by its detail-type. */

import { ProblemDetails, Protocol, RemoteStartAttempt, RequestedBy, Transaction } from "../http/schemas.ts";

const text = { type: "string" } as const;
const dateTime = { type: "string", format: "date-time" } as const;
const uuid = { type: "string", format: "uuid" } as const;

/** Members of every event. */
const about = {
  networkId: { type: "string", description: "By this an integrator of one network filters." },
  cpId: uuid,
} as const;

const connection = {
  type: "object",
  properties: { ...about, identity: text, connectionId: text, protocol: Protocol, connectedAt: dateTime },
  required: ["networkId", "cpId", "identity", "connectionId", "protocol", "connectedAt"],
} as const;

const transaction = {
  type: "object",
  properties: { ...about, ...Transaction.properties },
  required: ["networkId", "cpId", ...Transaction.required],
} as const;

export const eventSchemas = {
  "command.completed": {
    type: "object",
    description:
      "A command has come to its end. What was sent and answered is read from the command: GET /remote_commands/{commandId}.",
    properties: {
      ...about,
      commandId: text,
      command: text,
      state: { type: "string", enum: ["answered", "callError", "timedOut", "connectionLost", "failed"] },
      late: { const: true, description: "The answer came after the command had counted as over." },
      requestedAt: dateTime,
      completedAt: dateTime,
      requestedBy: RequestedBy,
      problem: ProblemDetails,
    },
    required: ["networkId", "cpId", "commandId", "command", "state", "requestedAt"],
  },
  "attempt.changed": {
    type: "object",
    description: "An attempt was made, or has another state.",
    properties: { ...about, ...RemoteStartAttempt.properties, previousState: text },
    required: ["networkId", ...RemoteStartAttempt.required],
  },
  "station.boot": {
    type: "object",
    description: "A station sent a BootNotification.",
    properties: {
      ...about,
      identity: text,
      bootAt: dateTime,
      boot: { type: "object", description: "The content of the BootNotification; secrets read `***`." },
    },
    required: ["networkId", "cpId", "identity", "bootAt", "boot"],
  },
  "connector.status": {
    type: "object",
    description: "A connector has another status or error code than before.",
    properties: {
      ...about,
      identity: text,
      connectorUuid: uuid,
      evseId: { type: "integer" },
      connectorId: { type: "integer" },
      status: text,
      errorCode: text,
      previousStatus: text,
      at: dateTime,
    },
    required: ["networkId", "cpId", "identity", "connectorUuid", "evseId", "connectorId", "status", "at"],
  },
  "station.connected": connection,
  "station.disconnected": connection,
  "transaction.started": transaction,
  "transaction.ended": transaction,
} as const;

export type DetailType = keyof typeof eventSchemas;
