/**
 * The answer to a CALL that carried a secret. A station may repeat the value in it, whole, cut or in other
 * spelling, wherever it writes text: "0123… is too long for AuthorizationKey". Whoever takes the answer in does not
 * know the value and is not to, so nothing is looked for: what stays is what cannot be it, and the rest reads
 * `***`.
 *
 * What stays are the words of the version (names of members, values of enumerations, error and reason codes), what
 * the masked request says as well, numbers and moments where the answer's schema has them, and the name of a file
 * that was asked for. So a caller learns what came of each thing, and not the station's own words about it.
 */

import { parseDateTime } from "../schema/date-time.ts";
import type { Protocol } from "./protocols.ts";
import { payloadSchema } from "./schemas.ts";
import { MASK } from "./secrets.ts";

/** OCPP-J 1.6 §4.2.3, OCPP 2.x part 4 §4.3. */
const ERROR_CODES: ReadonlySet<string> = new Set([
  "FormationViolation",
  "FormatViolation",
  "GenericError",
  "InternalError",
  "MessageTypeNotSupported",
  "NotImplemented",
  "NotSupported",
  "OccurenceConstraintViolation",
  "OccurrenceConstraintViolation",
  "PropertyConstraintViolation",
  "ProtocolError",
  "RpcFrameworkError",
  "SecurityError",
  "TypeConstraintViolation",
]);

/** OCPP 2.x part 2, appendix "Reason Codes": `reasonCode` is any text, and should be one of these. */
const REASON_CODES: readonly string[] = [
  "CSNotAccepted",
  "DuplicateProfile",
  "DuplicateRequestId",
  "FixedCable",
  "FwUpdateInProgress",
  "InternalError",
  "InvalidCertificate",
  "InvalidCSR",
  "InvalidIdToken",
  "InvalidMessageSeq",
  "InvalidProfile",
  "InvalidSchedule",
  "InvalidStackLevel",
  "InvalidURL",
  "InvalidValue",
  "MissingDevModelInfo",
  "MissingParam",
  "NoCable",
  "NoError",
  "NotEnabled",
  "NotFound",
  "OutOfMemory",
  "OutOfStorage",
  "ReadOnly",
  "TooLargeElement",
  "TooManyElements",
  "TxInProgress",
  "TxNotFound",
  "TxStarted",
  "UnknownConnectorId",
  "UnknownConnectorType",
  "UnknownEvse",
  "UnknownTxId",
  "Unspecified",
  "UnsupportedParam",
  "UnsupportedRateUnit",
  "UnsupportedRequest",
  "ValueOutOfRange",
  "ValuePositiveOnly",
  "ValueTooHigh",
  "ValueTooLow",
  "ValueZeroNotAllowed",
  "WriteOnly",
];

/** GetDiagnostics and GetLog: without it nobody finds what was asked for. */
const FILE_NAME = /^filename$/i;

/** What the CALL was. */
export interface SecretCall {
  readonly protocol: Protocol;
  readonly action: string;
  /** As it is stored: secrets masked. */
  readonly request: unknown;
}

interface CallError {
  readonly errorCode: string;
  readonly errorDescription?: string;
  readonly errorDetails?: unknown;
}

/** A CALLRESULT's payload, of whatever shape. */
export async function maskResult({ protocol, action, request }: SecretCall, payload: unknown) {
  const schema = await payloadSchema(protocol, action, "response");
  const known: Vocabulary = { names: new Set(), numbers: new Set(), words: new Set(lower(REASON_CODES)) };
  learnSchema(schema, known);
  learnTexts(request, known);
  return mask(payload, "", known);
}

/** The members of a CALLERROR; only its code is the standard's. */
export function maskError({ errorCode, errorDescription, errorDetails }: CallError): Required<CallError> {
  return {
    errorCode: ERROR_CODES.has(errorCode) ? errorCode : MASK,
    errorDescription: errorDescription ? MASK : "",
    errorDetails: Object.keys(errorDetails ?? {}).length > 0 ? { [MASK]: MASK } : {},
  };
}

/** Words in lower case: stations answer in their own spelling. */
interface Vocabulary {
  /** What members can be called. */
  readonly names: Set<string>;
  /** Those of them that hold numbers. */
  readonly numbers: Set<string>;
  readonly words: Set<string>;
}

const lower = (words: readonly string[]): string[] => words.map((word) => word.toLowerCase());

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isNumeric = ({ type, items }: Readonly<Record<string, unknown>>): boolean =>
  type === "integer" || type === "number" || (isObject(items) && isNumeric(items));

function learnSchema(schema: unknown, known: Vocabulary): void {
  if (!isObject(schema)) return;
  const { enum: options, properties } = schema;
  if (Array.isArray(options)) learnTexts(options, known);
  if (isObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      known.names.add(name);
      if (isObject(property) && isNumeric(property)) known.numbers.add(name);
    }
  }
  for (const part of Object.values(schema)) learnSchema(part, known);
}

function learnTexts(value: unknown, known: Vocabulary): void {
  if (typeof value === "string") known.words.add(value.toLowerCase());
  else if (isObject(value)) for (const child of Object.values(value)) learnTexts(child, known);
}

/** @param name of the member that it is, or is in a list of */
function mask(value: unknown, name: string, known: Vocabulary): unknown {
  if (typeof value === "string") return isHarmless(value, name, known) ? value : MASK;
  if (typeof value === "number") return known.numbers.has(name) ? value : MASK;
  if (Array.isArray(value)) return value.map((item) => mask(item, name, known));
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  const told = members.filter(([name]) => known.names.has(name));
  return Object.fromEntries([
    ...told.map(([name, child]) => [name, mask(child, name, known)]),
    // that there was more is told, and breaks the schema as it did
    ...(told.length < members.length ? [[MASK, MASK]] : []),
  ]);
}

const isHarmless = (text: string, name: string, { words }: Vocabulary): boolean =>
  text === "" || words.has(text.toLowerCase()) || FILE_NAME.test(name) || parseDateTime(text) !== undefined;
