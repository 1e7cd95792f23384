import type { ProtocolVersion } from "../version.ts";
import { csmsActions, sharedActions, stationActions } from "./actions.ts";

/** OCPP 1.6 edition 2 with the security white paper. */
export const v16 = {
  generation: "v16",
  actions: { stationActions, csmsActions, sharedActions },
  messageTypes: [2, 3, 4],
  answersUnknownTypes: false,
  answersUnreadable: false,
  // both spelled so in OCPP-J 1.6 §4.2.3
  errorNames: { formation: "FormationViolation", occurrence: "OccurenceConstraintViolation" },
  loadSchemas: () => import("ocpp-rpc/lib/schemas/ocpp1_6.json", { with: { type: "json" } }),
  schemaId: (action, kind) => `urn:${action}.${kind === "request" ? "req" : "conf"}`,
  hasTariffs: false,
  hasByteKeys: true,
  csmsNumbersTransactions: true,
} as const satisfies ProtocolVersion;
