import { getLogBody } from "../../commands/get-log/route.ts";
import { updateFirmwareBody } from "../../commands/update-firmware/route.ts";
import { StartChargingProfileSchema } from "../../dialects/charging-profile.ts";
import type { Route } from "../route.ts";
import {
  CommandReference,
  idempotencyHeader,
  listOf,
  network,
  ofStation,
  paging,
  RemoteStartAttempt,
  WorkReference,
} from "../schemas.ts";

const station = {
  type: "string",
  minLength: 1,
  description: "The station's id, or its identity in the caller's network.",
} as const;
const location = { Location: { type: "string", description: "The address of the resource." } } as const;
const ownOnly = " With `write:ocpp` alone, a client reads only what it sent itself.";
const readScopes = ["read:ocpp", "write:ocpp"] as const;

/** What is known before a CALL goes out. */
const beforehand = [
  "not-found",
  "station-not-connected",
  "payload-too-large",
  "payload-violates-schema",
  "not-supported-by-protocol",
  "idempotency-key-reused",
  "too-many-parallel-requests",
] as const;

const attempts = "/remote_commands/asynchronous/remote_start_attempt";
const stops = "/remote_commands/asynchronous/remote_stop";
const clearings = "/remote_commands/asynchronous/{cpId}/clear_cache";

const logs = "/remote_commands/asynchronous/{cpId}/get_log";
const updates = "/remote_commands/asynchronous/{cpId}/update_firmware";

/** What the routes of work that goes on after the station's answer have in common. */
const work = {
  method: "POST",
  scopes: ["write:ocpp"],
  query: network,
  headers: idempotencyHeader,
  responses: {
    202: {
      description: "The command is accepted; the station has not answered yet.",
      schema: WorkReference,
      headers: location,
    },
  },
  problems: [...beforehand, "connection-lost", "station-busy"],
} as const;

const secretNote =
  "A command whose location contains a password is not queued: the response waits until it is sent.";

/** Commands that are answered before the station answers. */
export const asynchronousRoutes = [
  {
    operationId: "createRemoteStartAttempt",
    method: "POST",
    path: attempts,
    scopes: ["write:ocpp"],
    summary: "Start charging",
    description:
      "Creates a remote start attempt. A connected station gets the start immediately, an offline station when it connects before `validUntil`. The start is sent at most once.",
    query: network,
    headers: idempotencyHeader,
    body: {
      type: "object",
      properties: {
        cpId: station,
        connectorUuid: { type: "string", description: "Without a connector, the station chooses one." },
        connector: {
          type: "string",
          description:
            "Instead of `connectorUuid`: `2` (connector number of OCPP 1.6) or `2:1` (EVSE and connector).",
        },
        idTag: { type: "string", minLength: 1, maxLength: 255, examples: ["0A1B2C3D"] },
        idTokenType: {
          type: "string",
          minLength: 1,
          maxLength: 20,
          description: "The type of the token. OCPP 2.x only; OCPP 1.6 has no token types.",
        },
        groupIdTag: {
          type: "string",
          minLength: 1,
          maxLength: 255,
          description: "The group that the token belongs to. OCPP 2.x only; at an OCPP 1.6 station: 422.",
        },
        validUntil: {
          type: "string",
          format: "date-time",
          description: "The end of the attempt's validity: at most 24 h ahead, by default in 10 minutes.",
        },
        stopMinutes: {
          type: "integer",
          minimum: 1,
          maximum: 10080,
          description: "Stops the transaction so many minutes after its start.",
        },
        chargingProfile: StartChargingProfileSchema,
      },
      required: ["cpId", "idTag"],
      additionalProperties: false,
      examples: [{ cpId: "CP001", idTag: "0A1B2C3D", stopMinutes: 90 }],
    },
    responses: { 201: { description: "The attempt.", schema: RemoteStartAttempt, headers: location } },
    problems: [
      "not-found",
      "permanently-locked",
      "payload-too-large",
      "payload-violates-schema",
      "not-supported-by-protocol",
      "idempotency-key-reused",
      "too-many-parallel-requests",
      "too-many-open-attempts",
    ],
  },
  {
    operationId: "listRemoteStartAttempts",
    method: "GET",
    path: attempts,
    scopes: ["read:ocpp"],
    summary: "List the remote start attempts of a network, newest first",
    description:
      "Returns the attempts of all stations. One request looks at 2,000 of them at most: a page of a filtered list may have fewer items than `limit`, or none, and still a `nextCursor`. Attempts that a release before 0.2 stored are not listed.",
    query: { ...network, ...paging, ...ofStation, state: RemoteStartAttempt.properties.state },
    responses: { 200: { description: "Attempts, newest first.", schema: listOf(RemoteStartAttempt) } },
    problems: ["not-found"],
  },
  {
    operationId: "getRemoteStartAttempt",
    method: "GET",
    path: `${attempts}/{attemptId}`,
    scopes: readScopes,
    summary: "Read a remote start attempt",
    description: `Returns the state of the attempt. \`accepted\` is the station's intention; \`started\` means that a transaction has begun.${ownOnly}`,
    responses: { 200: { description: "The attempt.", schema: RemoteStartAttempt } },
    problems: ["not-found"],
  },
  {
    operationId: "cancelRemoteStartAttempt",
    method: "DELETE",
    path: `${attempts}/{attemptId}`,
    scopes: ["write:ocpp"],
    summary: "Cancel a pending remote start attempt",
    description:
      "Cancels an attempt that was not sent yet. An attempt that was sent is ended by `remoteStop`.",
    responses: { 200: { description: "The attempt is cancelled.", schema: RemoteStartAttempt } },
    problems: ["not-found", "attempt-not-pending"],
  },
  {
    operationId: "remoteStop",
    method: "POST",
    path: stops,
    scopes: ["write:ocpp"],
    summary: "Stop charging",
    description:
      "Stops the transaction of an attempt (`remoteStartAttemptId`), or a transaction by `cpId` and `transactionId`. Read the station's answer at the address in `Location`.",
    query: network,
    headers: idempotencyHeader,
    body: {
      type: "object",
      properties: {
        remoteStartAttemptId: { type: "string", minLength: 1 },
        cpId: station,
        transactionId: { type: ["string", "integer"], minLength: 1 },
      },
      additionalProperties: false,
      examples: [{ cpId: "CP001", transactionId: "17" }],
    },
    alternatives: {
      RemoteStopByAttempt: ["remoteStartAttemptId"],
      RemoteStopByTransaction: ["cpId", "transactionId"],
    },
    responses: {
      202: {
        description: "The command is accepted; the station has not answered yet.",
        schema: CommandReference,
        headers: location,
      },
    },
    problems: ["attempt-not-started", ...beforehand],
  },
  {
    operationId: "getRemoteStop",
    method: "GET",
    path: `${stops}/status/{referenceId}`,
    scopes: readScopes,
    summary: "Read the result of a remote stop",
    description: `Returns the command with the station's answer. \`Pending\` means that the station has not answered yet.${ownOnly}`,
    responses: { 200: { description: "The command.", schema: CommandReference } },
    problems: ["not-found"],
  },
  {
    operationId: "clearCache",
    method: "POST",
    path: clearings,
    scopes: ["write:ocpp"],
    summary: "Clear a station's authorization cache",
    description:
      "Sends ClearCache without waiting for the station. Read the station's answer at the address in `Location`.",
    query: network,
    headers: idempotencyHeader,
    responses: {
      202: {
        description: "The command is accepted; the station has not answered yet.",
        schema: CommandReference,
        headers: location,
      },
    },
    problems: beforehand,
  },
  {
    operationId: "getClearCache",
    method: "GET",
    path: `${clearings}/status/{referenceId}`,
    scopes: readScopes,
    summary: "Read the result of a clear-cache command",
    description: `Returns the command with the station's answer. \`Pending\` means that the station has not answered yet.${ownOnly}`,
    query: network,
    responses: { 200: { description: "The command.", schema: CommandReference } },
    problems: ["not-found"],
  },
  {
    ...work,
    operationId: "getLog",
    path: logs,
    summary: "Upload a log of a station",
    description: `Asks the station to upload its log. OCPP 1.6: GetDiagnostics, or GetLog of the security extension for the security log. Read the progress at the address in \`Location\`. ${secretNote}`,
    body: getLogBody,
  },
  {
    operationId: "getGetLog",
    method: "GET",
    path: `${logs}/status/{referenceId}`,
    scopes: readScopes,
    summary: "Read the progress of a log upload",
    description: `Returns the command with the station's answer and its status notifications.${ownOnly}`,
    query: network,
    responses: { 200: { description: "The command.", schema: WorkReference } },
    problems: ["not-found"],
  },
  {
    ...work,
    operationId: "updateFirmware",
    path: updates,
    summary: "Update the firmware of a station",
    description: `Asks the station to download and install firmware. Read the progress at the address in \`Location\`. ${secretNote}`,
    body: updateFirmwareBody,
  },
  {
    operationId: "getUpdateFirmware",
    method: "GET",
    path: `${updates}/status/{referenceId}`,
    scopes: readScopes,
    summary: "Read the progress of a firmware update",
    description: `Returns the command with the station's answer and its status notifications.${ownOnly}`,
    query: network,
    responses: { 200: { description: "The command.", schema: WorkReference } },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
