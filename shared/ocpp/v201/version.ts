import type { ProtocolVersion } from "../version.ts";
import { csmsActions, sharedActions, stationActions } from "./actions.ts";

/** OCPP 2.0.1. */
export const v201 = {
  generation: "v2",
  actions: { stationActions, csmsActions, sharedActions },
  messageTypes: [2, 3, 4],
  answersUnknownTypes: true,
  answersUnreadable: true,
  errorNames: { formation: "FormatViolation", occurrence: "OccurrenceConstraintViolation" },
  loadSchemas: () => import("ocpp-rpc/lib/schemas/ocpp2_0_1.json", { with: { type: "json" } }),
  schemaId: (action, kind) => `urn:${action}.${kind === "request" ? "req" : "conf"}`,
  hasTariffs: false,
  hasByteKeys: false,
  csmsNumbersTransactions: false,
} as const satisfies ProtocolVersion;
