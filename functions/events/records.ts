import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { EventType } from "../../shared/event-types.ts";
import { eventsOf } from "../../shared/events/changes.ts";
import { fittingJson } from "../../shared/events/fit.ts";
import type { Key } from "../../shared/store/keys.ts";
import type { Table } from "../../shared/store/table.ts";

/** An event as it is published. */
export interface RecordedEvent {
  /** The same each time its stream record is read. */
  readonly eventId: string;
  readonly type: EventType;
  /** When its change was written; DynamoDB rounds to seconds. */
  readonly at: Date;
  readonly networkId: string;
  /** Absent where the event is about a network. Events of one station are in order. */
  readonly cpId?: string;
  /** JSON, at most 240 KB; the same on the bus and in webhooks. */
  readonly data: string;
}

/** What a record of the table's stream means. */
export async function eventsOfRecord(
  table: Table,
  { dynamodb = {}, eventID = "" }: DynamoDBRecord,
  now: number,
): Promise<RecordedEvent[]> {
  const { Keys, OldImage, NewImage, ApproximateCreationDateTime } = dynamodb;
  const change = { before: itemOf(OldImage), after: itemOf(NewImage) };
  const events = await eventsOf(table, itemOf(Keys) as Key, change, now);
  const at = new Date(ApproximateCreationDateTime ? ApproximateCreationDateTime * 1000 : now);
  const count = new Map<EventType, number>();
  return events.map(({ type, data }) => {
    const before = count.get(type) ?? 0;
    count.set(type, before + 1);
    const eventId = `${eventID}-${type}${before > 0 ? `-${before + 1}` : ""}`;
    const { networkId, cpId } = data;
    return {
      eventId,
      type,
      at,
      networkId,
      ...(cpId !== undefined && { cpId }),
      data: fittingJson({ eventId, ...data }),
    };
  });
}

/** The types of the event and of the client name the same thing. */
const itemOf = (image: object | undefined) => image && unmarshall(image as Record<string, AttributeValue>);
