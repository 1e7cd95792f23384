/** The types of the events on the bus and in webhooks; shared/events/catalogue.ts describes each. */
export const EVENT_TYPES = [
  "command.completed",
  "attempt.changed",
  "bulk.completed",
  "station.connected",
  "station.disconnected",
  "station.boot",
  "connector.status",
  "station.firmwareStatus",
  "station.logStatus",
  "station.securityEvent",
  "station.dataTransfer",
  "station.violation",
  "transaction.started",
  "transaction.meterValues",
  "transaction.ended",
  "webhook.disabled",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** The event that a caller asks for to try a webhook. It is sent to that webhook alone. */
export const TEST_EVENT = "webhook.test";

/** Published only in networks whose `publish` contains the type: a charge has hundreds of these events. */
export const TYPES_ON_REQUEST = ["transaction.meterValues"] as const satisfies readonly EventType[];

export type TypeOnRequest = (typeof TYPES_ON_REQUEST)[number];
