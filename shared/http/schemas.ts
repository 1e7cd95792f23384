/**
 * The schemas of what the API takes and gives, each written once: routes validate with them, TypeScript
 * takes its types from them, and the OpenAPI document lists them under these names.
 */

import { StartChargingProfileSchema } from "../dialects/charging-profile.ts";
import { EVENT_TYPES, TYPES_ON_REQUEST } from "../event-types.ts";
import { IDENTITY_PATTERN, NETWORK_ID_PATTERN } from "../ids.ts";
import { PROTOCOLS } from "../ocpp/protocols.ts";
import { ProblemDetails, ProblemType } from "../problem-details.ts";
import { deliveryStates, disabledReasons } from "../store/webhooks.ts";

export { ProblemDetails };

const text = { type: "string" } as const;
const dateTime = { type: "string", format: "date-time" } as const;
/** All ids are plain text in the document, so that clients pass the id of one answer to any other request. */
const uuid = { type: "string", examples: ["41fe005d-6fa9-5399-a58b-3e3b8bbfd3e6"] } as const;

export const Protocol = { type: "string", enum: PROTOCOLS } as const;

export const Link = {
  type: "string",
  enum: ["broker", "legacy"],
  description: "`legacy`: a station whose answers cannot be waited for; commands return before they come.",
} as const;

export const Lock = { type: "string", enum: ["none", "permanent"] } as const;

export const Identity = {
  type: "string",
  pattern: IDENTITY_PATTERN,
  description: "The station's OCPP identity: 1–48 characters, no colon, not in the format of a UUID.",
  examples: ["CP001"],
} as const;

export const StationName = {
  type: "string",
  minLength: 1,
  maxLength: 200,
  description: "A name for people.",
  examples: ["Town hall, left"],
} as const;

/** No comma: it separates the tags of a query. No semicolon: it separates those of a CSV file. */
const Tag = {
  type: "string",
  pattern: "^[^,;\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,50}$",
  description: "1–50 characters, no comma and no semicolon. White space at the ends is removed.",
  examples: ["depot-7"],
} as const;

export const Tags = {
  type: "array",
  maxItems: 20,
  items: Tag,
  description: "Texts to find the station by.",
} as const;

const coordinates = {
  latitude: { type: "number", minimum: -90, maximum: 90 },
  longitude: { type: "number", minimum: -180, maximum: 180 },
} as const;
const address = { type: "string", minLength: 1, maxLength: 500, examples: ["1 Market Square"] } as const;

export const Location = {
  type: "object",
  properties: { ...coordinates, address },
  required: ["latitude", "longitude"],
  additionalProperties: false,
  description: "Where the station is, in degrees (WGS 84).",
} as const;

/** A change of a location: what is left out stays (RFC 7396). */
export const LocationPatch = {
  type: ["object", "null"],
  properties: { ...coordinates, address: { ...address, type: ["string", "null"] } },
  additionalProperties: false,
} as const;

/** How a station is to authenticate. */
export const StationAuth = {
  type: "object",
  properties: {
    type: { type: "string", enum: ["basic", "certificate", "none"] },
    password: {
      type: "string",
      pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,40}$",
      description:
        "For `basic`: the station's password. OCPP requires at least 16 characters. Generated if it is absent.",
    },
  },
  required: ["type"],
  additionalProperties: false,
} as const;

export const NetworkId = { type: "string", pattern: NETWORK_ID_PATTERN, examples: ["default"] } as const;

export const Violation = {
  type: "object",
  properties: {
    pointer: {
      type: "string",
      description: "JSON Pointer (RFC 6901) to the invalid member of the body; empty: the whole body.",
    },
    parameter: { type: "string", description: "The invalid path or query parameter." },
    header: { type: "string", description: "The invalid header." },
    detail: text,
  },
  required: ["detail"],
} as const;

export const Connector = {
  type: "object",
  properties: {
    connectorUuid: uuid,
    evseId: { type: "integer" },
    connectorId: { type: "integer" },
    status: {
      type: "string",
      description: "The status that the station last reported.",
      examples: ["Available"],
    },
    errorCode: { type: "string", examples: ["NoError"] },
    lock: Lock,
  },
  required: ["connectorUuid", "evseId", "connectorId", "lock"],
} as const;

export const Station = {
  type: "object",
  properties: {
    cpId: uuid,
    identity: text,
    networkId: text,
    link: Link,
    auth: {
      type: "object",
      properties: { type: { type: "string", enum: ["basic", "certificate", "none"] } },
      required: ["type"],
    },
    lock: Lock,
    rateId: text,
    defaultProtocol: Protocol,
    name: StationName,
    tags: Tags,
    location: Location,
    connectors: { type: "array", items: Connector },
    connection: {
      type: "object",
      properties: {
        connected: { type: "boolean" },
        connectionId: text,
        protocol: Protocol,
        connectedAt: dateTime,
        lastSeenAt: dateTime,
        unresponsive: {
          type: "boolean",
          description: "True if the station sends messages but did not answer the last CALLs.",
        },
      },
      required: ["connected"],
    },
    rateDisplay: {
      type: "object",
      description: "The rate display that the station last accepted.",
      properties: {
        state: { type: "string", enum: ["shown", "disabled"] },
        rateId: text,
        at: dateTime,
      },
      required: ["state", "at"],
    },
    boot: { type: "object", description: "The content of the station's last BootNotification." },
    violations: {
      type: "object",
      description:
        "Messages of the station that violate their OCPP schema. Absent if there were none. The communication log contains the details.",
      properties: { count: { type: "integer" }, lastAt: dateTime, lastAction: text },
      required: ["count", "lastAt", "lastAction"],
    },
    refusals: {
      type: "object",
      description:
        "Refused BootNotifications and transaction messages of the station since its last accepted boot. The count starts again after a day without a refusal. Absent if there were none.",
      properties: {
        count: { type: "integer" },
        lastAt: dateTime,
        lastAction: text,
        lastErrorCode: { type: "string", examples: ["FormationViolation"] },
      },
      required: ["count", "lastAt", "lastAction", "lastErrorCode"],
    },
  },
  required: ["cpId", "identity", "networkId", "link", "auth", "lock", "tags", "connectors", "connection"],
} as const;

const price = { type: "number", minimum: 0 } as const;

export const Rate = {
  type: "object",
  properties: {
    rateId: text,
    networkId: text,
    currency: { type: "string", pattern: "^[A-Z]{3}$", description: "ISO 4217.", examples: ["EUR"] },
    priceText: { type: "string", minLength: 1, maxLength: 1000, examples: ["0.45 €/kWh"] },
    priceTextOffline: {
      type: "string",
      minLength: 1,
      maxLength: 1000,
      description: "For OCPP 1.6: the text that the display shows without a connection.",
    },
    translations: {
      type: "object",
      additionalProperties: { type: "string", minLength: 1, maxLength: 1000 },
      description: "The price text by language (RFC 5646).",
      examples: [{ de: "0,45 €/kWh" }],
    },
    chargingPrice: {
      type: "object",
      properties: { kWhPrice: price, hourPrice: price, flatFee: price },
      additionalProperties: false,
      description: "For stations that calculate costs themselves.",
    },
  },
  required: ["rateId", "networkId", "currency", "priceText"],
} as const;

export const RegisteredStation = {
  type: "object",
  properties: {
    ...Station.properties,
    password: { type: "string", description: "The generated password. It is returned only once." },
  },
  required: Station.required,
} as const;

export const Token = {
  type: "object",
  properties: {
    idTag: { type: "string", description: "Compared in any case.", examples: ["0A1B2C3D"] },
    networkId: text,
    type: {
      type: "string",
      minLength: 1,
      maxLength: 20,
      description:
        "The type of the token in OCPP 2.x. A token that a station reports with another type is another token. Absent: any type. OCPP 1.6 has no token types.",
      examples: ["ISO14443"],
    },
    status: { type: "string", enum: ["Accepted", "Blocked", "Expired", "Invalid"] },
    expiresAt: {
      type: "string",
      format: "date-time",
      description: "Until when an `Accepted` token may charge; stations are answered `Expired` afterwards.",
      examples: ["2030-01-01T00:00:00Z"],
    },
    groupId: {
      type: "string",
      minLength: 1,
      maxLength: 36,
      description:
        "Tokens of one group may stop each other's charges. OCPP 1.6 stations get it (parentIdTag) if it has at most 20 characters.",
      examples: ["FLEET-7"],
    },
    note: { type: "string", minLength: 1, maxLength: 200, description: "A note for people." },
  },
  required: ["idTag", "networkId", "status"],
} as const;

/** The id of a webhook, chosen by the caller. */
export const WebhookId = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
  description: "1–64 characters: letters, digits, `.`, `_`, `-`. It begins with a letter or a digit.",
  examples: ["billing"],
} as const;

const WebhookEvents = {
  type: "array",
  minItems: 1,
  maxItems: 50,
  items: { type: "string", enum: ["*", ...EVENT_TYPES] },
  description: "The types of events that are sent; `*` means all of them.",
  examples: [["command.completed", "transaction.ended"]],
} as const;

export const Webhook = {
  type: "object",
  properties: {
    webhookId: text,
    networkId: text,
    url: { type: "string", description: "Where events are sent." },
    events: WebhookEvents,
    enabled: { type: "boolean", description: "Whether events are sent." },
    createdAt: dateTime,
    secret: {
      type: "string",
      description:
        "The generated secret, present if the request created the webhook without one. It is returned only once.",
    },
    previousSecretUntil: {
      ...dateTime,
      description: "Until when the previous secret signs, too. Present for 24 h after a secret was replaced.",
    },
    disabled: {
      type: "object",
      description:
        "Present if the relay has switched the webhook off. Send it with `enabled: true` to switch it on.",
      properties: {
        reason: {
          type: "string",
          enum: disabledReasons,
          description: "`gone`: the receiver answered 410; `failing`: all attempts failed for five days.",
        },
        at: dateTime,
      },
      required: ["reason", "at"],
    },
    failingSince: {
      ...dateTime,
      description: "When attempts began to fail. Absent while the last one succeeded.",
    },
  },
  required: ["webhookId", "networkId", "url", "events", "enabled", "createdAt"],
} as const;

export const Delivery = {
  type: "object",
  properties: {
    deliveryId: uuid,
    eventId: { type: "string", description: "Sent as `webhook-id`: the same in every attempt." },
    type: { type: "string", description: "The type of the event.", examples: ["command.completed"] },
    state: {
      type: "string",
      enum: deliveryStates,
      description:
        "`pending`: an attempt is due; `delivered`: the receiver answered 2xx; `failed`: no further attempt is made.",
    },
    createdAt: dateTime,
    attempts: {
      type: "array",
      items: {
        type: "object",
        properties: {
          at: dateTime,
          status: { type: "integer", description: "The status of the response. Absent without a response." },
          error: { type: "string", description: "Why there was no response." },
          durationMs: { type: "integer" },
        },
        required: ["at", "durationMs"],
      },
    },
    nextAttemptAt: dateTime,
  },
  required: ["deliveryId", "eventId", "type", "state", "createdAt", "attempts"],
} as const;

export const TokenImport = {
  type: "object",
  properties: {
    results: {
      type: "array",
      items: {
        type: "object",
        properties: {
          idTag: { type: "string", description: "As sent; empty if there was none." },
          outcome: {
            type: "string",
            enum: ["created", "updated", "exists", "problem"],
            description: "`exists`: the token was in the list with this content.",
          },
          problem: ProblemDetails,
        },
        required: ["idTag", "outcome"],
      },
    },
    counts: {
      type: "object",
      properties: {
        created: { type: "integer" },
        updated: { type: "integer" },
        exists: { type: "integer" },
        problem: { type: "integer" },
      },
      required: ["created", "updated", "exists", "problem"],
    },
  },
  required: ["results", "counts"],
} as const;

export const StationImport = {
  type: "object",
  properties: {
    results: {
      type: "array",
      items: {
        type: "object",
        properties: {
          identity: { type: "string", description: "As sent; empty if there was none." },
          outcome: {
            type: "string",
            enum: ["created", "exists", "problem"],
            description: "`exists`: there is a station with this identity, and it was not changed.",
          },
          cpId: uuid,
          password: { type: "string", description: "The generated password. It is returned only once." },
          problem: ProblemDetails,
        },
        required: ["identity", "outcome"],
      },
    },
    counts: {
      type: "object",
      properties: {
        created: { type: "integer" },
        exists: { type: "integer" },
        problem: { type: "integer" },
      },
      required: ["created", "exists", "problem"],
    },
  },
  required: ["results", "counts"],
} as const;

export const StoredConfiguration = {
  type: "object",
  properties: {
    fetchedAt: {
      ...dateTime,
      description: "The time of the station's last report. Absent if there was none.",
    },
    configurationKeys: {
      type: "array",
      items: {
        type: "object",
        properties: {
          key: text,
          value: { type: "string", description: "Secrets read `***`." },
          readonly: { type: "boolean" },
          updatedAt: dateTime,
        },
        required: ["key", "readonly", "updatedAt"],
      },
    },
  },
  required: ["configurationKeys"],
} as const;

export const LogEntry = {
  type: "object",
  properties: {
    entryId: text,
    cpId: uuid,
    at: dateTime,
    direction: { type: "string", enum: ["toStation", "fromStation"] },
    ocppMessageId: text,
    action: text,
    request: { description: "The payload of the CALL; secrets are shown as `***`." },
    response: {
      description:
        "The payload of the answer, or `{errorCode, errorDescription, errorDetails}` of a CALLERROR.",
    },
    messageType: { type: "string", enum: ["CALL_RESULT", "CALL_ERROR"] },
    durationMs: { type: "integer", description: "Time from the CALL to its answer." },
    protocol: Protocol,
    connectionId: text,
    commandId: text,
    violations: { type: "array", items: Violation, description: "The violations of the OCPP schema." },
    heartbeats: {
      type: "object",
      description:
        "The number of Heartbeats that this entry stands for. Present on the last Heartbeat of a station, which is the only one that the log keeps, unless the deployment keeps each Heartbeat.",
      properties: { count: { type: "integer" }, since: dateTime },
      required: ["count", "since"],
    },
  },
  required: ["entryId", "cpId", "at", "direction", "ocppMessageId", "action", "request"],
} as const;

export const Network = {
  type: "object",
  properties: {
    networkId: text,
    name: text,
    parallelRequests: { type: "integer" },
    clients: { type: "array", items: text },
    allowUnauthenticatedStations: { type: "boolean" },
    authorization: { type: "string", enum: ["acceptAll", "remoteStartOnly", "listed"] },
    stationMessages: { type: "string", enum: ["liberal", "strict"] },
    publish: { type: "array", items: { type: "string", enum: TYPES_ON_REQUEST } },
    heartbeatIntervalSeconds: {
      type: "integer",
      description: "Seconds between the Heartbeats of a station. Absent: the deployment's.",
    },
    openToUnlistedClients: {
      type: "boolean",
      description: "Network `default` only: whether clients that no network has ever listed belong to it.",
    },
    inUse: { type: "integer", description: "Number of commands that run now." },
  },
  required: [
    "networkId",
    "name",
    "parallelRequests",
    "clients",
    "allowUnauthenticatedStations",
    "authorization",
    "stationMessages",
    "publish",
    "inUse",
  ],
} as const;

export const RequestedBy = {
  type: "object",
  description: "The sender of the command or attempt. Absent if an older release stored it.",
  properties: {
    clientId: { type: "string", description: "The OAuth client.", examples: ["demo"] },
    user: { type: "string", description: "The person, if the token is a user's." },
  },
  required: ["clientId"],
} as const;

export const Command = {
  type: "object",
  description: "A command, its state and its OCPP messages.",
  properties: {
    commandId: text,
    cpId: uuid,
    command: { type: "string", examples: ["get_configuration"] },
    state: {
      type: "string",
      enum: ["queued", "sent", "answered", "callError", "timedOut", "connectionLost", "failed"],
    },
    late: { type: "boolean", description: "True if the station's answer came after the deadline." },
    requestedAt: dateTime,
    completedAt: dateTime,
    requestedBy: RequestedBy,
    calls: {
      type: "array",
      items: {
        type: "object",
        properties: {
          ocppMessageId: text,
          action: text,
          request: { description: "Secrets read `***`." },
          response: {
            description:
              "The payload of the answer, or `{errorCode, errorDescription, errorDetails}` of a CALLERROR.",
          },
          sentAt: dateTime,
          answeredAt: dateTime,
        },
        required: ["ocppMessageId", "action", "request"],
      },
    },
    problem: ProblemDetails,
  },
  required: ["commandId", "cpId", "command", "state", "requestedAt", "calls"],
} as const;

const { calls: _, ...summary } = Command.properties;
export const CommandSummary = {
  type: "object",
  description: "A command and its state, without its OCPP messages.",
  properties: summary,
  required: ["commandId", "cpId", "command", "state", "requestedAt"],
} as const;

export const RemoteStartAttempt = {
  type: "object",
  description:
    "A remote start and its state. `accepted` does not mean `started`: the attempt is started when the station reports a transaction.",
  properties: {
    id: { ...uuid, description: "Also the OCPP message id of the start CALL." },
    cpId: uuid,
    connectorUuid: {
      ...uuid,
      description: "The requested connector, or the connector of the transaction if none was requested.",
    },
    idTag: text,
    idTokenType: text,
    groupIdTag: text,
    validUntil: dateTime,
    stopMinutes: { type: "integer" },
    chargingProfile: {
      ...StartChargingProfileSchema,
      description: "The charging profile that is sent with the start, with its `profileId`.",
    },
    state: {
      type: "string",
      enum: [
        "pending",
        "sent",
        "accepted",
        "rejected",
        "started",
        "stopping",
        "stopped",
        "expired",
        "cancelled",
        "failed",
      ],
    },
    stationStatus: { type: "string", description: "The station's answer to the start CALL." },
    transactionId: text,
    createdAt: dateTime,
    sentAt: dateTime,
    answeredAt: dateTime,
    startedAt: dateTime,
    stopDueAt: { ...dateTime, description: "`startedAt` and `stopMinutes`." },
    stoppedAt: dateTime,
    requestedBy: RequestedBy,
    problem: ProblemDetails,
    history: {
      type: "array",
      items: {
        type: "object",
        properties: { state: text, at: dateTime },
        required: ["state", "at"],
      },
    },
  },
  required: ["id", "cpId", "idTag", "validUntil", "state", "createdAt", "history"],
} as const;

export const CommandReference = {
  type: "object",
  description: "A command whose response does not wait for the station. It is also a command resource.",
  properties: {
    referenceId: { type: "string", description: "The command's id." },
    status: {
      type: "string",
      enum: ["Pending", "Accepted", "Rejected", "Failed", "TimedOut"],
      description: "`Accepted` and `Rejected` are the station's word.",
    },
    ocppMessageId: text,
    requestedAt: dateTime,
    answeredAt: dateTime,
    problem: ProblemDetails,
  },
  required: ["referenceId", "status", "ocppMessageId", "requestedAt"],
} as const;

export const WorkReference = {
  type: "object",
  description:
    "A command whose work the station goes on with after its answer. It is also a command resource.",
  properties: {
    referenceId: { type: "string", description: "The command's id." },
    status: {
      type: "string",
      description:
        "The station's last word: its answer, then its status notifications. An end stays: a late notification does not change it. `Pending`: the station has not answered yet. `Failed` and `TimedOut`: the station did not accept or answer the CALL. `Stalled`: the station has reported nothing for 24 h and no end.",
      examples: ["Uploaded", "Installing"],
    },
    ocppMessageId: text,
    requestedAt: dateTime,
    answeredAt: dateTime,
    fileName: { type: "string", description: "get_log: the name of the file, where the station names it." },
    firmwareVersion: {
      type: "string",
      description:
        "update_firmware: the version that the station booted with, if it is another one than before.",
    },
    history: {
      type: "array",
      description: "The status notifications, in the order of receipt.",
      items: {
        type: "object",
        properties: { status: text, at: dateTime },
        required: ["status", "at"],
      },
    },
    problem: ProblemDetails,
  },
  required: ["referenceId", "status", "ocppMessageId", "requestedAt", "history"],
} as const;

export const Transaction = {
  type: "object",
  properties: {
    id: { type: "string", description: "Unique over all stations." },
    cpId: uuid,
    transactionId: { type: "string", description: "The transaction's id at its station." },
    connectorUuid: uuid,
    idTag: text,
    startedAt: dateTime,
    meterStart: { type: "number", description: "Wh." },
    stoppedAt: { ...dateTime, description: "Absent while the transaction runs." },
    meterStop: { type: "number", description: "Wh." },
    reason: {
      type: "string",
      description:
        "The reason of the end, as named by the station's OCPP version. `NotReported`: the station never reported the end.",
      examples: ["Remote"],
    },
    reasonText: {
      type: "string",
      description:
        "The station's own text, if its OCPP version has no such reason. `reason` is `Other` then.",
      examples: ["EVRejected"],
    },
    remoteStartAttemptId: uuid,
  },
  required: ["id", "cpId", "transactionId", "startedAt"],
} as const;

const count = { type: "integer", minimum: 0 } as const;

export const Bulk = {
  type: "object",
  description: "A command to many stations: its state, and how many stations have ended in which way.",
  properties: {
    bulkId: text,
    command: { type: "string", examples: ["reset"] },
    state: {
      type: "string",
      enum: ["running", "completed", "cancelled", "stopped"],
      description:
        "`stopped`: `stopAfterFailures` was reached. After `cancelled` and `stopped`, `completedAt` is set once the stations that were being sent the command have ended.",
    },
    counts: {
      type: "object",
      description: "The members besides `total` add up to it. The results say what each of them means.",
      properties: {
        total: count,
        waiting: count,
        running: count,
        accepted: count,
        refused: count,
        failed: count,
        unknown: count,
        skipped: count,
        cancelled: count,
      },
      required: [
        "total",
        "waiting",
        "running",
        "accepted",
        "refused",
        "failed",
        "unknown",
        "skipped",
        "cancelled",
      ],
    },
    parallel: { type: "integer", description: "How many stations at once, at most." },
    offline: { type: "string", enum: ["skip", "wait"] },
    expiresAt: { ...dateTime, description: "Until when stations that are offline are waited for." },
    requestedBy: RequestedBy,
    requestedAt: dateTime,
    completedAt: dateTime,
  },
  required: ["bulkId", "command", "state", "counts", "parallel", "offline", "requestedAt"],
} as const;

export const BulkResult = {
  type: "object",
  description: "What became of a bulk command at one station.",
  properties: {
    cpId: uuid,
    outcome: {
      type: "string",
      enum: ["accepted", "refused", "failed", "unknown", "skipped", "cancelled", "waiting", "running"],
      description:
        "`accepted`: also Scheduled and RebootRequired; `refused`: the station's word, see `status`; `failed`: see `problem`; `unknown`: sent, and the connection was lost, or the station is a legacy one, whose answer is not awaited; `skipped`: the station was offline; `cancelled`: not sent; `waiting`, `running`: not ended yet.",
    },
    commandId: { type: "string", description: "The command, if a CALL was sent." },
    status: { type: "string", description: "The station's own word.", examples: ["Accepted"] },
    problem: ProblemDetails,
    at: dateTime,
  },
  required: ["cpId", "outcome"],
} as const;

/** A page of a list. */
export const listOf = <const Item>(items: Item) =>
  ({
    type: "object",
    properties: {
      items: { type: "array", items },
      nextCursor: {
        type: "string",
        description: "Send it as `cursor` to get the next page. Absent on the last page.",
      },
    },
    required: ["items"],
  }) as const;

/** The query parameters of every list. */
export const paging = {
  limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
  cursor: { type: "string", maxLength: 8192, description: "`nextCursor` of the page before." },
} as const;

/** The query parameters of lists by time. */
export const timeSpan = {
  from: { type: "string", format: "date-time", description: "Not older than this." },
  to: { type: "string", format: "date-time", description: "Not newer than this." },
} as const;

/** The query parameter that narrows a network's list to a station. */
export const ofStation = {
  cpId: { type: "string", minLength: 1, description: "A station's id, or its identity in the network." },
} as const;

/** The query parameters that narrow a communication log. */
export const logFilter = {
  action: { type: "string", minLength: 1, examples: ["BootNotification"] },
  direction: { type: "string", enum: ["toStation", "fromStation"] },
  commandId: { type: "string", minLength: 1, maxLength: 36, description: "The CALLs of this command." },
  violations: { type: "boolean", description: "Whether the entry has violations of the OCPP schema." },
} as const;

/** The query parameter that names the network of an identity. */
export const network = {
  network: {
    ...NetworkId,
    description:
      "The network in which an identity is meant; needed only by clients of several networks that do not give a cpId.",
  },
} as const;

/** The request header of every route that sends something. */
export const idempotencyHeader = {
  "idempotency-key": {
    type: "string",
    minLength: 1,
    maxLength: 255,
    description:
      "A repeat of the request with the same key within 24 h returns the outcome of the first request and sends nothing. A different request with the same key is 422. After a 429 or 503 nothing was sent, and the repeat tries again.",
    examples: ["9f2c8a3e-reset-CP001"],
  },
} as const;

/** Those that the OpenAPI document lists by name. */
export const namedSchemas = {
  Bulk,
  BulkResult,
  Command,
  CommandReference,
  CommandSummary,
  Connector,
  Delivery,
  Identity,
  Link,
  Lock,
  LogEntry,
  Network,
  ProblemDetails,
  ProblemType,
  Protocol,
  Rate,
  RegisteredStation,
  RemoteStartAttempt,
  RequestedBy,
  Station,
  StationImport,
  StoredConfiguration,
  Token,
  TokenImport,
  Transaction,
  Violation,
  Webhook,
  WorkReference,
} as const;
