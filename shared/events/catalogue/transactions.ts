import { Transaction } from "../../http/schemas.ts";
import {
  type Described,
  exampleOf,
  exampleOfMessage,
  ofMessage,
  ofStation,
  requiredOfMessage,
  text,
  uuid,
} from "./members.ts";

const transaction = {
  type: "object",
  description: "A transaction, as GET /transactions/{id} returns it.",
  properties: { ...ofStation, ...Transaction.properties },
  required: ["eventId", "networkId", ...Transaction.required],
} as const;

const started = {
  id: "WyI0MWZlMDA1ZC02ZmE5LTUzOTktYTU4Yi0zZTNiOGJiZmQzZTYiLCIxNzAwMDAwMDAxIiwwXQ",
  transactionId: "1700000001",
  connectorUuid: "4a6ef5d5-2251-515f-9185-dfd770e6649a",
  idTag: "0A1B2C3D",
  startedAt: "2026-11-28T09:30:00.000Z",
  meterStart: 120500,
} as const;

const reading = {
  type: "object",
  properties: {
    timestamp: { type: "string", description: "When it was measured, as the station states it." },
    measurand: { type: "string", examples: ["Energy.Active.Import.Register"] },
    value: { type: "number", description: "In `unit`, with the station's multiplier applied." },
    text: { type: "string", description: "Instead of `value`: what the station sent is no number." },
    unit: { type: "string", examples: ["Wh"] },
    phase: text,
    context: { type: "string", examples: ["Sample.Periodic"] },
    location: text,
  },
  required: ["measurand"],
} as const;

export const transactionEvents = {
  "transaction.started": {
    when: "a transaction started",
    data: transaction,
    example: { ...exampleOf("transaction.started"), ...started },
  },
  "transaction.meterValues": {
    when: "a station sent meter readings, in a network whose `publish` contains this type",
    data: {
      type: "object",
      description:
        "Meter readings in one form for all OCPP versions: of MeterValues, TransactionEvent and the transactionData of StopTransaction.",
      properties: {
        ...ofMessage,
        transactionId: {
          type: "string",
          description: "The transaction's id at its station. Absent where the station names none.",
        },
        evseId: { type: "integer" },
        connectorId: { type: "integer" },
        connectorUuid: uuid,
        readings: { type: "array", items: reading, description: "In the order of the message." },
      },
      required: [...requiredOfMessage],
    },
    example: {
      ...exampleOfMessage("transaction.meterValues"),
      transactionId: "1700000001",
      evseId: 1,
      connectorId: 1,
      connectorUuid: "4a6ef5d5-2251-515f-9185-dfd770e6649a",
      readings: [
        {
          timestamp: "2026-11-28T09:30:00Z",
          measurand: "Energy.Active.Import.Register",
          value: 121733,
          unit: "Wh",
          context: "Sample.Periodic",
        },
        {
          timestamp: "2026-11-28T09:30:00Z",
          measurand: "Current.Import",
          value: 15.9,
          unit: "A",
          phase: "L1",
        },
      ],
    },
  },
  "transaction.ended": {
    when: "a transaction ended, or its end was concluded",
    data: transaction,
    example: {
      ...exampleOf("transaction.ended"),
      ...started,
      stoppedAt: "2026-11-28T10:45:10.000Z",
      meterStop: 142310,
      reason: "EVDisconnected",
    },
  },
} as const satisfies Described<"transaction.started" | "transaction.meterValues" | "transaction.ended">;
