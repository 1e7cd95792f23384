import { type Described, exampleOfMessage, ofMessage, requiredOfMessage, text } from "./members.ts";

const requestId = {
  type: "integer",
  description: "Which CALL asked for it, where the station names one.",
} as const;

/** What a station reports, and the relay answers without a change of the station's item. */
export const messageEvents = {
  "station.firmwareStatus": {
    when: "a station sent a FirmwareStatusNotification or, in OCPP 1.6, a SignedFirmwareStatusNotification",
    data: {
      type: "object",
      description: "What a station reports of an update of its firmware.",
      properties: {
        ...ofMessage,
        status: { type: "string", description: "The station's own word.", examples: ["Installing"] },
        requestId,
      },
      required: [...requiredOfMessage, "status"],
    },
    example: { ...exampleOfMessage("station.firmwareStatus"), status: "Installed", requestId: 17 },
  },
  "station.logStatus": {
    when: "a station sent a LogStatusNotification or, in OCPP 1.6, a DiagnosticsStatusNotification",
    data: {
      type: "object",
      description: "What a station reports of an upload of its log.",
      properties: {
        ...ofMessage,
        status: { type: "string", description: "The station's own word.", examples: ["Uploaded"] },
        requestId,
      },
      required: [...requiredOfMessage, "status"],
    },
    example: { ...exampleOfMessage("station.logStatus"), status: "Uploaded", requestId: 18 },
  },
  "station.securityEvent": {
    when: "a station sent a SecurityEventNotification",
    data: {
      type: "object",
      description: "A security event of a station.",
      properties: {
        ...ofMessage,
        type: { type: "string", description: "The station's own word.", examples: ["InvalidTLSVersion"] },
        timestamp: { type: "string", description: "When it occurred, as the station states it." },
        techInfo: text,
      },
      required: [...requiredOfMessage, "type"],
    },
    example: {
      ...exampleOfMessage("station.securityEvent"),
      type: "SettingSystemTime",
      timestamp: "2026-11-28T09:29:58Z",
      techInfo: "by NTP",
    },
  },
  "station.dataTransfer": {
    when: "a station sent a DataTransfer",
    data: {
      type: "object",
      description:
        "A message of the vendor's own. Its content is the vendor's business: the relay masks nothing in it.",
      properties: {
        ...ofMessage,
        vendorId: text,
        messageId: text,
        data: { description: "Any JSON, as the station sent it; in OCPP 1.6 a text." },
      },
      required: [...requiredOfMessage, "vendorId"],
    },
    example: {
      ...exampleOfMessage("station.dataTransfer"),
      vendorId: "com.example",
      messageId: "temperature",
      data: '{"celsius":31}',
    },
  },
} as const satisfies Described<
  "station.firmwareStatus" | "station.logStatus" | "station.securityEvent" | "station.dataTransfer"
>;
