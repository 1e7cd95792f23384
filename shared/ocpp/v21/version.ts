import type { ProtocolVersion } from "../version.ts";
import { csmsActions, sendActions, sharedActions, stationActions } from "./actions.ts";

/** OCPP 2.1. */
export const v21 = {
  generation: "v2",
  actions: { stationActions, sendActions, csmsActions, sharedActions },
  messageTypes: [2, 3, 4, 5, 6],
  answersUnknownTypes: false,
  answersUnreadable: true,
  errorNames: { formation: "FormatViolation", occurrence: "OccurrenceConstraintViolation" },
  loadSchemas: () => import("ocpp-rpc/lib/schemas/ocpp2_1.json", { with: { type: "json" } }),
  schemaId: (action, kind) => {
    // the one message without an answer (SEND) has no suffix
    if (action === "NotifyPeriodicEventStream" && kind === "request") return `urn:${action}`;
    return `urn:${action}${kind === "request" ? "Request" : "Response"}`;
  },
  hasTariffs: true,
  hasByteKeys: false,
  csmsNumbersTransactions: false,
} as const satisfies ProtocolVersion;
