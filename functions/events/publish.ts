import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { systemClock } from "../../shared/clock.ts";
import { eventsOf } from "../../shared/events/changes.ts";
import { clientSettings } from "../../shared/http-client.ts";
import { logger } from "../../shared/logger.ts";
import { observed } from "../../shared/observed.ts";
import type { Key } from "../../shared/store/keys.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";

const table = openTable(environment("TABLE_NAME"));
const bus = new EventBridgeClient(clientSettings());
const EventBusName = environment("EVENT_BUS");

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const AT_ONCE = 10;

interface Outgoing {
  readonly sequenceNumber: string;
  readonly entry: PutEventsRequestEntry;
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

async function entriesOf({ dynamodb = {}, eventID = "" }: DynamoDBRecord): Promise<Outgoing[]> {
  const { Keys, OldImage, NewImage, SequenceNumber = "", ApproximateCreationDateTime } = dynamodb;
  const change = { before: itemOf(OldImage), after: itemOf(NewImage) };
  const events = await eventsOf(table, itemOf(Keys) as Key, change, systemClock.now());
  return events.map(({ detailType, detail }) => ({
    sequenceNumber: SequenceNumber,
    entry: {
      EventBusName,
      Source: "ocpp-relay",
      DetailType: detailType,
      // a repetition is known by it
      Detail: JSON.stringify({ eventId: `${eventID}-${detailType}`, ...detail }),
      ...(ApproximateCreationDateTime && { Time: new Date(ApproximateCreationDateTime * 1000) }),
    },
  }));
}

/** The types of the event and of the client name the same thing. */
const itemOf = (image: object | undefined) => image && unmarshall(image as Record<string, AttributeValue>);

async function publish(outgoing: readonly Outgoing[], unread?: string): Promise<DynamoDBBatchResponse> {
  for (let from = 0; from < outgoing.length; from += AT_ONCE) {
    const some = outgoing.slice(from, from + AT_ONCE);
    const failed = await firstFailure(some);
    if (failed) return { batchItemFailures: [{ itemIdentifier: failed.sequenceNumber }] };
  }
  return { batchItemFailures: unread === undefined ? [] : [{ itemIdentifier: unread }] };
}

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
