/** Members that several events have. */

import type { EventType } from "../../event-types.ts";

export const text = { type: "string" } as const;
export const dateTime = { type: "string", format: "date-time" } as const;
export const uuid = { type: "string", examples: ["41fe005d-6fa9-5399-a58b-3e3b8bbfd3e6"] } as const;

/** Members of every event. */
export const ofNetwork = {
  eventId: {
    type: "string",
    description: "The same where the event is delivered again.",
    examples: ["f1d0a1c2b3e4-station.boot"],
  },
  networkId: { type: "string", description: "The network (tenant) of the event.", examples: ["default"] },
  truncated: {
    type: "array",
    items: text,
    description:
      "Members that were too large for an event of 240 KB: a text is cut after 1,000 characters, another member is absent.",
  },
} as const;

/** Members of every event about a station. */
export const ofStation = { ...ofNetwork, cpId: { ...uuid, description: "The station's id." } } as const;

export const identity = {
  type: "string",
  description: "The station's OCPP identity.",
  examples: ["CP001"],
} as const;

/** Members of every event that a message of a station makes. */
export const ofMessage = {
  ...ofStation,
  identity,
  entryId: {
    type: "string",
    description: "The message in the communication log: `GET /stations/{cpId}/communication_log/{entryId}`.",
  },
  at: { ...dateTime, description: "When the relay received the message." },
} as const;

export const requiredOfNetwork = ["eventId", "networkId"] as const;
export const requiredOfStation = [...requiredOfNetwork, "cpId"] as const;
export const requiredOfMessage = [...requiredOfStation, "identity", "entryId", "at"] as const;

/** What the catalogue has of a type. */
export interface EventDescription {
  /** When the event is published, as a phrase. */
  readonly when: string;
  /** The JSON Schema of its content. */
  readonly data: {
    readonly type: "object";
    readonly description?: string;
    readonly properties: Readonly<Record<string, object>>;
    readonly required: readonly string[];
  };
  /** A content that is valid. */
  readonly example: Readonly<Record<string, unknown>>;
}

export type Described<Type extends EventType> = Readonly<Record<Type, EventDescription>>;

const station = {
  networkId: "default",
  cpId: "41fe005d-6fa9-5399-a58b-3e3b8bbfd3e6",
} as const;

export const eventIdOf = (type: EventType) => `8f14e45fceea167a5a36dedd4bea2543-${type}`;

/** The beginning of an example about a station. */
export const exampleOf = (type: EventType) => ({ eventId: eventIdOf(type), ...station });

export const exampleOfMessage = (type: EventType) => ({
  ...exampleOf(type),
  identity: "CP001",
  entryId: "WyJpbiIsIlExQTlUZE9jRG9FQ0ZBQT0iLCI0MiJd",
  at: "2026-11-28T09:30:00.000Z",
});
