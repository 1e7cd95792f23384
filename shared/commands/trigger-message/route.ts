import { type CommandRoute, connectorMembers, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "triggerMessage",
  path: "trigger_message",
  summary: "Ask a station to send a message",
  description:
    "The names of either version are understood: `SignChargePointCertificate` is `SignChargingStationCertificate`, `DiagnosticsStatusNotification` is `LogStatusNotification`. A message that the station's version cannot be asked for is 422 `not-supported-by-protocol`.",
  body: {
    type: "object",
    properties: {
      requestedMessage: {
        type: "string",
        enum: [
          "BootNotification",
          "DiagnosticsStatusNotification",
          "FirmwareStatusNotification",
          "Heartbeat",
          "LogStatusNotification",
          "MeterValues",
          "PublishFirmwareStatusNotification",
          "SignChargePointCertificate",
          "SignChargingStationCertificate",
          "SignCombinedCertificate",
          "SignV2GCertificate",
          "SignV2G20Certificate",
          "StatusNotification",
          "TransactionEvent",
        ],
        examples: ["StatusNotification"],
      },
      ...connectorMembers,
    },
    required: ["requestedMessage"],
    additionalProperties: false,
    examples: [{ requestedMessage: "StatusNotification", connector: "1" }],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
