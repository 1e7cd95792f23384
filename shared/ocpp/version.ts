/**
 * What the protocol layer knows of one version of OCPP. Every version is one folder (`v16/`, `v201/`, `v21/`) with
 * one such object, and one line in versions.ts.
 */
export interface ProtocolVersion {
  /** Versions of one generation share their messages: commands are written once for each. */
  readonly generation: "v16" | "v2";
  /** Which actions each side may send. */
  readonly actions: ActionLists;
  /** OCPP-J message types that the version has (2 CALL, 3 CALLRESULT, 4 CALLERROR, 5 CALLRESULTERROR, 6 SEND). */
  readonly messageTypes: readonly number[];
  /**
   * Whether a message type that the version lacks is answered by MessageTypeNotSupported: part 4 §4.4 of 2.0.1
   * demands it; 1.6 §4.1.3 and part 4 §4.1.3 of 2.1 demand that it is ignored.
   */
  readonly answersUnknownTypes: boolean;
  /** Whether an unreadable message is answered by RpcFrameworkError (2.x). */
  readonly answersUnreadable: boolean;
  /** The CALLERROR codes that are spelled differently in 1.6 and 2.x. */
  readonly errorNames: {
    readonly formation: "FormationViolation" | "FormatViolation";
    readonly occurrence: "OccurenceConstraintViolation" | "OccurrenceConstraintViolation";
  };
  /** The payload schemas as `ocpp-rpc` ships them, loaded when the first message of the version is validated. */
  readonly loadSchemas: () => Promise<{ default: unknown }>;
  /** The `$id` of an action's schema in that file. */
  readonly schemaId: (action: string, kind: "request" | "response") => string;
  /** Whether stations may have tariffs of their own (2.1, part 2, I07). */
  readonly hasTariffs: boolean;
  /** Whether a Basic password must be 16 to 20 bytes (1.6, security white paper A01), instead of a text. */
  readonly hasByteKeys: boolean;
  /** Whether the CSMS gives a transaction its id, so that the station learns it from an answer (1.6). */
  readonly csmsNumbersTransactions: boolean;
}

export interface ActionLists {
  readonly stationActions: readonly string[];
  /** Messages without an answer (SEND, 2.1). */
  readonly sendActions?: readonly string[];
  readonly csmsActions: readonly string[];
  readonly sharedActions: readonly string[];
}
