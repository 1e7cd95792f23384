import type { EventDescription } from "../../events/catalogue.ts";
import { definitionOf, referenceTo } from "./references.ts";

/** The events that the document describes, by their types. */
export type DescribedEvents = Readonly<Record<string, EventDescription>>;

/** `station.boot` is a `StationBootEvent`. */
const nameOf = (type: string): string =>
  `${type.replaceAll(/(?:^|\.)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Event`;

const sentence = (when: string): string => `${when.charAt(0).toUpperCase()}${when.slice(1)}.`;

/**
 * The events as webhooks: the request that a receiver gets. `x-internal` keeps openapi-generator from making a client of
 * them: its Python has no types for the parameters and bodies of webhooks (`webhook_id: ,`), and cannot be loaded.
 */
export const webhooksOf = (events: DescribedEvents): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(events).map(([type, { when, example }]) => [
      type,
      {
        post: {
          tags: ["Events"],
          operationId: `on${nameOf(type)}`,
          "x-internal": true,
          summary: `The event \`${type}\``,
          description: sentence(when),
          security: [],
          parameters: standardHeaders,
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: referenceTo(nameOf(type)),
                example: { type, timestamp: "2026-11-28T09:30:01.000Z", data: example },
              },
            },
          },
          responses: {
            "2XX": { description: "The receiver has taken the event." },
            410: { description: "The receiver wants no more events: the webhook is switched off." },
          },
        },
      },
    ]),
  );

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const standardHeaders = [
  ["webhook-id", "The delivery. A repetition has the same one."],
  ["webhook-timestamp", "When this attempt was made, in seconds since 1970."],
  ["webhook-signature", "One or more signatures by the Standard Webhooks scheme, separated by spaces."],
].map(([name, description]) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
}));

/** The bodies of those requests. */
export const eventComponents = (events: DescribedEvents): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(events).map(([type, { data, when }]) => [
      nameOf(type),
      {
        type: "object",
        description: sentence(when),
        properties: {
          type: { type: "string", enum: [type] },
          timestamp: { type: "string", format: "date-time", description: "When it happened." },
          data: definitionOf(data),
        },
        required: ["type", "timestamp", "data"],
      },
    ]),
  );
