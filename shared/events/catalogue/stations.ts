import { Protocol } from "../../http/schemas.ts";
import {
  type Described,
  dateTime,
  exampleOf,
  identity,
  ofStation,
  requiredOfStation,
  text,
  uuid,
} from "./members.ts";

const connection = {
  type: "object",
  description: "A connection of a station.",
  properties: {
    ...ofStation,
    identity,
    connectionId: text,
    protocol: Protocol,
    connectedAt: { ...dateTime, description: "When the connection began." },
  },
  required: [...requiredOfStation, "identity", "connectionId", "protocol", "connectedAt"],
} as const;

const exampleConnection = {
  identity: "CP001",
  connectionId: "Q1A9TdOcDoECFAA=",
  protocol: "ocpp1.6",
  connectedAt: "2026-11-28T09:30:00.000Z",
} as const;

/** What the item of a station shows. */
export const stationEvents = {
  "station.connected": {
    when: "a station connected",
    data: connection,
    example: { ...exampleOf("station.connected"), ...exampleConnection },
  },
  "station.disconnected": {
    when: "the connection of a station ended, or another one replaced it",
    data: connection,
    example: { ...exampleOf("station.disconnected"), ...exampleConnection },
  },
  "station.boot": {
    when: "a station sent a BootNotification",
    data: {
      type: "object",
      description: "The boot of a station.",
      properties: {
        ...ofStation,
        identity,
        bootAt: dateTime,
        boot: { type: "object", description: "The content of the BootNotification; secrets read `***`." },
      },
      required: [...requiredOfStation, "identity", "bootAt"],
    },
    example: {
      ...exampleOf("station.boot"),
      identity: "CP001",
      bootAt: "2026-11-28T09:30:00.000Z",
      boot: { chargePointVendor: "Example", chargePointModel: "AC22", firmwareVersion: "1.4.2" },
    },
  },
  "connector.status": {
    when: "a connector has another status or error code than before",
    data: {
      type: "object",
      description: "The new status of a connector.",
      properties: {
        ...ofStation,
        identity,
        connectorUuid: uuid,
        evseId: { type: "integer" },
        connectorId: { type: "integer" },
        status: { type: "string", examples: ["Charging"] },
        errorCode: { type: "string", examples: ["NoError"] },
        previousStatus: text,
        at: { ...dateTime, description: "When it changed: the station's time where it can be right." },
      },
      required: [...requiredOfStation, "identity", "connectorUuid", "evseId", "connectorId", "status", "at"],
    },
    example: {
      ...exampleOf("connector.status"),
      identity: "CP001",
      connectorUuid: "4a6ef5d5-2251-515f-9185-dfd770e6649a",
      evseId: 1,
      connectorId: 1,
      status: "Faulted",
      errorCode: "GroundFailure",
      previousStatus: "Charging",
      at: "2026-11-28T09:30:00.000Z",
    },
  },
  "station.violation": {
    when: "a message of a station broke its OCPP schema in a way that is new on its connection",
    data: {
      type: "object",
      description:
        "Violations of the OCPP schema of a kind that the connection did not have yet. A kind is an action, a place and a keyword. GET /stations/{cpId}/communication_log?violations=true returns the messages.",
      properties: {
        ...ofStation,
        identity,
        connectionId: text,
        action: { type: "string", description: "The action of the CALL, or of the CALL that was answered." },
        violations: {
          type: "array",
          items: {
            type: "object",
            properties: {
              pointer: {
                type: "string",
                description:
                  "JSON Pointer to the place in the payload; `*` stands for every index of a list. Empty: the message itself.",
              },
              keyword: { type: "string", description: "The keyword of the schema that is violated." },
            },
            required: ["pointer", "keyword"],
          },
        },
        at: dateTime,
      },
      required: [...requiredOfStation, "identity", "action", "at"],
    },
    example: {
      ...exampleOf("station.violation"),
      identity: "CP001",
      connectionId: "Q1A9TdOcDoECFAA=",
      action: "BootNotification",
      violations: [{ pointer: "/chargePointSerialNumber", keyword: "maxLength" }],
      at: "2026-11-28T09:30:00.000Z",
    },
  },
} as const satisfies Described<
  "station.connected" | "station.disconnected" | "station.boot" | "connector.status" | "station.violation"
>;
