import { etagHeader, ifMatch } from "../if-match.ts";
import type { Route } from "../route.ts";
import {
  Connector,
  Identity,
  idempotencyHeader,
  Link,
  Location,
  LocationPatch,
  Lock,
  LogEntry,
  listOf,
  NetworkId,
  network,
  Protocol,
  paging,
  RegisteredStation,
  Station,
  StationAuth,
  StationImport,
  StationName,
  StoredConfiguration,
  Tags,
  Transaction,
} from "../schemas.ts";

const reported = { type: "string", minLength: 1, maxLength: 255 } as const;
const rateId = { type: "string", minLength: 1, maxLength: 200 } as const;

/** A station as it is registered. */
export const NewStation = {
  type: "object",
  properties: {
    identity: Identity,
    networkId: {
      ...NetworkId,
      description: "Needed only by clients that belong to several networks.",
    },
    link: { ...Link, default: "broker" },
    auth: StationAuth,
    defaultProtocol: {
      ...Protocol,
      description: "The OCPP version for connections of the station that name no subprotocol.",
    },
    connectors: {
      type: "array",
      maxItems: 100,
      description: "Connectors that the station reports are added automatically.",
      items: {
        type: "object",
        properties: {
          evseId: { type: "integer", minimum: 1, maximum: 100_000 },
          connectorId: { type: "integer", minimum: 1, maximum: 100_000 },
        },
        required: ["connectorId"],
        additionalProperties: false,
        description: "`{connectorId: 2}` alone, as OCPP 1.6 counts, is `{evseId: 2, connectorId: 1}`.",
      },
    },
    rateId,
    lock: { ...Lock, default: "none" },
    name: StationName,
    tags: Tags,
    location: Location,
  },
  required: ["identity"],
  additionalProperties: false,
  examples: [{ identity: "CP001", connectors: [{ connectorId: 1 }] }],
} as const;

/** What `GET /stations` finds stations by; each narrows the result. */
const stationFilter = {
  identity: {
    type: "string",
    minLength: 1,
    maxLength: 48,
    description: "The beginning of the identity; upper and lower case differ.",
    examples: ["CP"],
  },
  connected: {
    type: "boolean",
    description: "Whether the station has a connection.",
  },
  protocol: {
    ...Protocol,
    description: "The OCPP version of its connection; offline, of `defaultProtocol`.",
  },
  vendor: { ...reported, description: "The vendor of its last BootNotification, in any case." },
  model: { ...reported, description: "The model of its last BootNotification, in any case." },
  firmwareVersion: {
    ...reported,
    description: "The firmware version of its last BootNotification, in any case.",
  },
  status: {
    type: "string",
    minLength: 1,
    maxLength: 50,
    description: "The status of at least one of its connectors, in any case.",
    examples: ["Faulted"],
  },
  lock: { ...Lock, description: "The lock of the station itself." },
  tag: {
    type: "string",
    minLength: 1,
    maxLength: 1019,
    description: "A tag; of several, separated by commas, the station has all.",
    examples: ["depot-7"],
  },
} as const;

/** Stations, their connectors, stored configuration and communication log. */
export const stationRoutes = [
  {
    operationId: "registerStation",
    method: "POST",
    path: "/stations",
    scopes: ["write:asset"],
    summary: "Register a station",
    description:
      "Registers a station in the network. Without `auth`, the station gets Basic authentication with a generated password. Only this response contains the password. A repeat with the same `Idempotency-Key` registers nothing: while the station has not connected yet, it returns a newly generated password, and the former password is no longer valid.",
    headers: idempotencyHeader,
    secrets: ["password"],
    body: NewStation,
    responses: {
      201: {
        description: "The station.",
        schema: RegisteredStation,
        headers: { Location: { type: "string" } },
      },
    },
    problems: ["not-found", "already-exists", "idempotency-key-reused"],
  },
  {
    operationId: "importStations",
    method: "POST",
    path: "/stations/import",
    scopes: ["write:asset"],
    summary: "Register many stations",
    description:
      "Registers up to 500 stations, each by itself: a station that cannot be registered does not prevent the others. Sent again, a file registers nothing again: its stations have the outcome `exists`. Only this response contains generated passwords. A repeat with the same `Idempotency-Key` returns newly generated passwords for the stations that have not connected yet. At most 200 of the stations may bring a password of their own.\n\nThe body may also be `text/csv` (UTF-8, comma-separated): a header row with the names of the members, one row a station. Columns: `identity`, `networkId`, `name`, `tags` (separated by `;`), `location.latitude`, `location.longitude`, `location.address`, `link`, `lock`, `rateId`, `defaultProtocol`, `connectors` (`1;2` or `1:1;1:2`), `auth.type`, `auth.password`.",
    headers: idempotencyHeader,
    secrets: ["password"],
    csv: {
      list: "stations",
      columns: {
        identity: { path: ["identity"] },
        networkId: { path: ["networkId"] },
        name: { path: ["name"] },
        tags: { path: ["tags"], kind: "list" },
        "location.latitude": { path: ["location", "latitude"], kind: "number" },
        "location.longitude": { path: ["location", "longitude"], kind: "number" },
        "location.address": { path: ["location", "address"] },
        link: { path: ["link"] },
        lock: { path: ["lock"] },
        rateId: { path: ["rateId"] },
        defaultProtocol: { path: ["defaultProtocol"] },
        connectors: { path: ["connectors"], kind: "connectors" },
        "auth.type": { path: ["auth", "type"] },
        "auth.password": { path: ["auth", "password"] },
      },
    },
    body: {
      type: "object",
      properties: {
        stations: {
          type: "array",
          minItems: 1,
          maxItems: 500,
          items: {
            type: "object",
            description: "A station as for `registerStation`. Each is checked by itself.",
          },
        },
      },
      required: ["stations"],
      additionalProperties: false,
      examples: [
        {
          stations: [
            { identity: "CP010", tags: ["depot-7"] },
            { identity: "CP011", rateId: "night" },
          ],
        },
      ],
    },
    responses: { 200: { description: "An outcome for each station, in order.", schema: StationImport } },
    problems: ["idempotency-key-reused"],
  },
  {
    operationId: "listStations",
    method: "GET",
    path: "/stations",
    scopes: ["read:asset"],
    summary: "List the stations of a network",
    description:
      "Returns the stations of a network that match all filters, ordered by identity. One request looks at 2,000 stations at most: a page of a filtered list may have fewer items than `limit`, or none, and still a `nextCursor`. The list ends with the page that has none.",
    query: { ...network, ...stationFilter, ...paging },
    responses: { 200: { description: "Stations, ordered by identity.", schema: listOf(Station) } },
    problems: ["not-found"],
  },
  {
    operationId: "getStation",
    method: "GET",
    path: "/stations/{cpId}",
    scopes: ["read:asset"],
    summary: "Read a station",
    description: "Returns a station with its connectors and its connection.",
    query: network,
    responses: { 200: { description: "The station.", schema: Station, headers: etagHeader } },
    problems: ["not-found"],
  },
  {
    operationId: "updateStation",
    method: "PATCH",
    path: "/stations/{cpId}",
    scopes: ["write:asset"],
    summary: "Change a station",
    description:
      'Members that are absent do not change; null removes an optional member (RFC 7396). A lock fails pending remote start attempts. A change of `auth` ends the former password at once and closes the station\'s connection; `{"type": "basic"}` alone generates a password for a station that had none, and changes nothing of one that has. Use `setPassword` to change the password on a connected station, too.',
    query: network,
    headers: ifMatch,
    body: {
      type: "object",
      properties: {
        link: Link,
        lock: Lock,
        rateId: { ...rateId, type: ["string", "null"] },
        defaultProtocol: { type: ["string", "null"], enum: [...Protocol.enum, null] },
        auth: StationAuth,
        name: { ...StationName, type: ["string", "null"] },
        tags: { ...Tags, type: ["array", "null"] },
        location: LocationPatch,
      },
      minProperties: 1,
      additionalProperties: false,
      examples: [{ name: "Town hall, left", tags: ["depot-7"] }],
    },
    responses: {
      200: { description: "The updated station.", schema: RegisteredStation, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "deleteStation",
    method: "DELETE",
    path: "/stations/{cpId}",
    scopes: ["write:asset"],
    summary: "Delete a station",
    description: "Closes its connection and deletes its stored configuration and transactions.",
    query: network,
    headers: ifMatch,
    responses: { 204: { description: "It is gone.", schema: null } },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "updateConnector",
    method: "PATCH",
    path: "/stations/{cpId}/connectors/{connectorUuid}",
    scopes: ["write:asset"],
    summary: "Lock or unlock a connector for remote starts",
    description:
      "A lock fails pending remote start attempts for the connector. `ETag` and `If-Match` are the station's.",
    query: network,
    headers: ifMatch,
    body: {
      type: "object",
      properties: { lock: Lock },
      required: ["lock"],
      additionalProperties: false,
    },
    responses: {
      200: { description: "The updated connector.", schema: Connector, headers: etagHeader },
    },
    problems: ["not-found", "precondition-failed"],
  },
  {
    operationId: "getStoredConfiguration",
    method: "GET",
    path: "/stations/{cpId}/configuration",
    scopes: ["read:ocpp"],
    summary: "Read the stored configuration of a station",
    description:
      "Returns the values that get_configuration and accepted changes stored. No message is sent to the station.",
    query: network,
    responses: { 200: { description: "What is stored.", schema: StoredConfiguration } },
    problems: ["not-found"],
  },
  {
    operationId: "listTransactions",
    method: "GET",
    path: "/stations/{cpId}/transactions",
    scopes: ["read:ocpp"],
    summary: "List the transactions of a station, newest first",
    description:
      "Returns the station's transactions with meter readings and the remote start attempt that each belongs to.",
    query: { ...network, ...paging },
    responses: { 200: { description: "Transactions, newest first.", schema: listOf(Transaction) } },
    problems: ["not-found"],
  },
  {
    operationId: "listCommunicationLog",
    method: "GET",
    path: "/stations/{cpId}/communication_log",
    scopes: ["read:ocpp"],
    summary: "List the messages exchanged with a station, newest first",
    description:
      "Returns one entry per OCPP exchange, in both directions. Passwords and keys are shown as `***`.",
    query: {
      ...network,
      ...paging,
      from: { type: "string", format: "date-time", description: "Not older than this." },
      to: { type: "string", format: "date-time", description: "Not newer than this." },
      action: { type: "string", minLength: 1, examples: ["BootNotification"] },
      direction: { type: "string", enum: ["toStation", "fromStation"] },
    },
    responses: { 200: { description: "Entries, newest first.", schema: listOf(LogEntry) } },
    problems: ["not-found"],
  },
  {
    operationId: "getLogEntry",
    method: "GET",
    path: "/stations/{cpId}/communication_log/{entryId}",
    scopes: ["read:ocpp"],
    summary: "Read one entry of the communication log",
    description: "Returns one exchange with its request and response. Passwords and keys are shown as `***`.",
    query: network,
    responses: { 200: { description: "The entry.", schema: LogEntry } },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
