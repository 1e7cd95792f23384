import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { systemClock } from "../../shared/clock.ts";
import { clientSettings } from "../../shared/http-client.ts";
import { logger } from "../../shared/logger.ts";
import { observed } from "../../shared/observed.ts";
import { openTable } from "../../shared/store/table.ts";
import { type PublishedEvent, storeDeliveries } from "../../shared/webhooks/fan-out.ts";
import { environment, logDays } from "../environment.ts";
import { webhookQueue } from "../webhook-queue.ts";
import { eventsOfRecord } from "./records.ts";

const table = openTable(environment("TABLE_NAME"));
const bus = new EventBridgeClient(clientSettings());
const EventBusName = environment("EVENT_BUS");
const deliveries = { table, clock: systemClock, logDays: logDays() };

/**
 * What one request takes: so many entries, and so many bytes of them all.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
const AT_ONCE = { entries: 10, bytes: 256 * 1024 };

interface Outgoing {
  readonly sequenceNumber: string;
  readonly entry: PutEventsRequestEntry;
  readonly event: PublishedEvent;
}

/**
 * The table's stream: publishes what the changes of items mean. What cannot be published is asked for again
 * from the first one on, so that events come at least once, and in order for one item.
 */
export const handler = observed((_: DynamoDBStreamEvent) => ({}), publishChanges);

async function publishChanges({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const outgoing: Outgoing[] = [];
  for (const record of Records) {
    try {
      outgoing.push(...(await entriesOf(record)));
    } catch (error) {
      logger.error("a change could not be read", error as Error);
      return await publish(outgoing, record.dynamodb?.SequenceNumber);
    }
  }
  return publish(outgoing);
}

async function entriesOf(record: DynamoDBRecord): Promise<Outgoing[]> {
  const events = await eventsOfRecord(table, record, systemClock.now());
  const sequenceNumber = record.dynamodb?.SequenceNumber ?? "";
  return events.map((event, n) => ({
    sequenceNumber,
    entry: {
      EventBusName,
      Source: "ocpp-relay",
      DetailType: event.type,
      Detail: event.data,
      Time: event.at,
    },
    event: { ...event, place: placeOf(event.at, sequenceNumber, n) },
  }));
}

/**
 * Sorts the events of a station as the stream has them: its records come in the order of their sequence numbers, of up
 * to 40 digits, and a record may be several events.
 */
const placeOf = (at: Date, sequenceNumber: string, n: number): string =>
  [at.toISOString(), sequenceNumber.padStart(40, "0"), String(n).padStart(3, "0")].join("#");

/** To webhooks and to the bus. Both take a repetition for one: nothing is lost where one of them fails. */
async function publish(outgoing: readonly Outgoing[], unread?: string): Promise<DynamoDBBatchResponse> {
  try {
    await webhookQueue.send(
      await storeDeliveries(
        deliveries,
        outgoing.map(({ event }) => event),
      ),
    );
  } catch (error) {
    logger.error("deliveries could not be stored", error as Error);
    return { batchItemFailures: [{ itemIdentifier: outgoing[0]?.sequenceNumber ?? unread ?? "" }] };
  }
  for (const some of requestsOf(outgoing)) {
    const failed = await firstFailure(some);
    if (failed) return { batchItemFailures: [{ itemIdentifier: failed.sequenceNumber }] };
  }
  return { batchItemFailures: unread === undefined ? [] : [{ itemIdentifier: unread }] };
}

/** The entries in groups that one request takes. */
function requestsOf(outgoing: readonly Outgoing[]): Outgoing[][] {
  const requests: Outgoing[][] = [];
  let bytes = 0;
  for (const one of outgoing) {
    const last = requests.at(-1);
    const size = sizeOf(one.entry);
    if (last && last.length < AT_ONCE.entries && bytes + size <= AT_ONCE.bytes) {
      last.push(one);
      bytes += size;
    } else {
      requests.push([one]);
      bytes = size;
    }
  }
  return requests;
}

/** As EventBridge counts it: 14 bytes for the time. */
const sizeOf = ({ Source = "", DetailType = "", Detail = "" }: PutEventsRequestEntry): number =>
  14 + Source.length + DetailType.length + Buffer.byteLength(Detail);

async function firstFailure(some: readonly Outgoing[]): Promise<Outgoing | undefined> {
  try {
    const { Entries = [] } = await bus.send(
      new PutEventsCommand({ Entries: some.map(({ entry }) => entry) }),
    );
    const failed = Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
    if (failed >= 0) logger.error("an event was refused", { error: Entries[failed]?.ErrorCode });
    return some[failed];
  } catch (error) {
    logger.error("events could not be published", error as Error);
    return some[0];
  }
}
