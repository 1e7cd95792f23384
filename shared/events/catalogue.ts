/**
 * The events of the bus and of webhooks: of each type when it is published, the JSON Schema of its content, and an
 * example. The OpenAPI document, docs/events.md and the tests read it.
 */

import type { EventType } from "../event-types.ts";
import { commandEvents } from "./catalogue/commands.ts";
import type { Described, EventDescription } from "./catalogue/members.ts";
import { messageEvents } from "./catalogue/messages.ts";
import { stationEvents } from "./catalogue/stations.ts";
import { transactionEvents } from "./catalogue/transactions.ts";
import { webhookEvents } from "./catalogue/webhooks.ts";

export type { EventDescription };

export const eventCatalogue: Described<EventType> = {
  ...commandEvents,
  ...stationEvents,
  ...messageEvents,
  ...transactionEvents,
  ...webhookEvents,
};
