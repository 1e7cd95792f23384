/**
 * Masks the answer to a CALL that contained a secret. The station may repeat the value in any text of its answer,
 * whole, cut or in another spelling: "0123… is too long for AuthorizationKey". The function that receives the answer
 * does not know the value, so it does not search for it. It keeps what cannot be the secret and replaces the rest by
 * `***`.
 *
 * Kept are the words of the OCPP version (names of members, values of enumerations, error codes), the texts of the
 * masked request, numbers and times that the schema of the answer has, and the name of a requested file. The caller
 * can read the status of each item, but no free text of the station.
 */

import { parseDateTime } from "../schema/date-time.ts";
import { isErrorCode } from "./call-errors.ts";
import type { Protocol } from "./protocols.ts";
import { payloadSchema } from "./schemas.ts";
import { MASK } from "./secrets.ts";

/** The one reason code that the relay acts on: it sends smaller groups. Other reasons may repeat the secret. */
const REASON_CODE = "TooManyElements";

/** GetDiagnostics and GetLog: the caller needs the name to find the file. */
const FILE_NAME = /^filename$/i;

/** The CALL that contained the secret. */
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

/** Masks the payload of a CALLRESULT, of any shape. */
export async function maskResult({ protocol, action, request }: SecretCall, payload: unknown) {
  const schema = await payloadSchema(protocol, action, "response");
  const known: Vocabulary = {
    names: new Set(),
    numbers: new Set(),
    words: new Set([REASON_CODE.toLowerCase()]),
  };
  learnSchema(schema, known);
  learnTexts(request, known);
  return mask(payload, "", known);
}

/** The members of a CALLERROR; only its code is the standard's. */
export function maskError({ errorCode, errorDescription, errorDetails }: CallError): Required<CallError> {
  return {
    errorCode: isErrorCode(errorCode) ? errorCode : MASK,
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
  const kept = members.filter(([name]) => known.names.has(name));
  return Object.fromEntries([
    ...kept.map(([name, child]) => [name, mask(child, name, known)]),
    // shows that members were removed; the answer violates its schema as it did before
    ...(kept.length < members.length ? [[MASK, MASK]] : []),
  ]);
}

const isHarmless = (text: string, name: string, { words }: Vocabulary): boolean =>
  text === "" || words.has(text.toLowerCase()) || FILE_NAME.test(name) || parseDateTime(text) !== undefined;
