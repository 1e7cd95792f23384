/** What a log entry of a station's message means to those outside. */

import { wholeNumber, word } from "../dialects/station-call.ts";
import type { EventType } from "../event-types.ts";
import { connectorUuidOf } from "../ids.ts";
import { eventTypeOf } from "../log/published.ts";
import type { IncomingItem } from "../store/items.ts";
import { payloadOf } from "../store/payload.ts";
import { iso } from "../time.ts";
import type { Change, OutgoingEvent } from "./changes.ts";
import { membersOf, readingsOf, textOf, textsOf } from "./readings.ts";

type Content = Readonly<Record<string, unknown>>;

/** An entry is written once; a later change of it is no event. An entry without `identity` is none either. */
export function messageEvents({ before, after }: Change<IncomingItem>): OutgoingEvent[] {
  if (before || after?.identity === undefined) return [];
  const { networkId, cpId, identity, entryId, action, request, atMs } = after;
  const type = eventTypeOf(action);
  const content = type && contents[type]?.(membersOf(payloadOf(request)), after);
  if (!type || !content) return [];
  return [{ type, data: { networkId, cpId, identity, entryId, at: iso(atMs), ...content } }];
}

/** The content of each type; undefined where the message lacks what the event is about. */
const contents: Partial<Record<EventType, (payload: Content, entry: IncomingItem) => Content | undefined>> = {
  "station.firmwareStatus": workStatus,
  "station.logStatus": workStatus,
  "station.securityEvent": (payload) =>
    requiring("type", textsOf(payload, ["type", "timestamp", "techInfo"])),
  "station.dataTransfer": (payload) =>
    requiring("vendorId", {
      ...textsOf(payload, ["vendorId", "messageId"]),
      ...(payload.data !== undefined && { data: payload.data }),
    }),
  "transaction.meterValues": meterValues,
};

const requiring = (name: string, content: Content): Content | undefined =>
  content[name] === undefined ? undefined : content;

function workStatus({ status, requestId }: Content): Content | undefined {
  const text = textOf(status);
  const number = wholeNumber(requestId);
  return text === undefined
    ? undefined
    : { status: word(text), ...(number !== undefined && { requestId: number }) };
}

function meterValues(payload: Content, { cpId, protocol }: IncomingItem): Content | undefined {
  const readings = readingsOf(payload);
  if (readings.length === 0) return undefined;
  const { evseId, connectorId } = protocol === "ocpp1.6" ? placeOf16(payload) : placeOf2(payload);
  const transactionId = transactionOf(payload);
  return {
    ...(transactionId !== undefined && { transactionId }),
    ...(evseId !== undefined && { evseId }),
    ...(connectorId !== undefined && { connectorId }),
    ...(evseId !== undefined &&
      connectorId !== undefined && { connectorUuid: connectorUuidOf(cpId, evseId, connectorId) }),
    readings,
  };
}

/** OCPP 1.6: 0 and -1 stand for no transaction. */
function transactionOf({ transactionId, transactionInfo }: Content): string | undefined {
  const stated = transactionId ?? membersOf(transactionInfo).transactionId;
  return typeof stated === "number" && stated <= 0 ? undefined : textOf(stated);
}

interface Place {
  readonly evseId?: number | undefined;
  readonly connectorId?: number | undefined;
}

/** Connector 0 is the station as a whole, and so is EVSE 0. */
const positive = (value: unknown): number | undefined => {
  const number = wholeNumber(value);
  return number !== undefined && number > 0 ? number : undefined;
};

function placeOf16({ connectorId }: Content): Place {
  const evseId = positive(connectorId);
  return evseId === undefined ? {} : { evseId, connectorId: 1 };
}

/** MeterValues has an `evseId`, TransactionEvent an `evse`. */
function placeOf2({ evseId, evse }: Content): Place {
  const { id, connectorId } = membersOf(evse);
  const place = positive(evseId ?? id);
  return place === undefined ? {} : { evseId: place, connectorId: positive(connectorId) };
}
