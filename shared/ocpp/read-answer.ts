import { type ReadOptions, readAs } from "../schema/read.ts";
import type { Violation } from "../schema/validate.ts";
import type { Protocol } from "./protocols.ts";
import { payloadSchema, validatePayload } from "./schemas.ts";

/** What can be read of a station's answer, and where the answer deviates from its schema. */
export interface AnswerReading {
  /** Undefined where what was asked for is missing. */
  readonly payload: Readonly<Record<string, unknown>> | undefined;
  readonly violations: readonly Violation[];
}

/** Members that the schema requires and that an answer is usable without. */
const spare: Readonly<Record<string, readonly string[]>> = {
  GetConfiguration: ["readonly"],
  SetVariableMonitoring: ["severity", "type"],
  Get15118EVCertificate: ["exiResponse"],
};

/** Answers of optional members only, of which one is what was asked for where it is there at all. */
const results: Readonly<Record<string, readonly string[]>> = {
  GetConfiguration: ["configurationKey", "unknownKey"],
};

/**
 * Reads an answer. What the action's schema requires must be there, whatever else is: a status word that the version
 * does not have is no status, a result without its variable is no result, and the results beside it still count.
 *
 * @param isStrict an answer that breaks its schema is unusable
 */
export async function readAnswer(
  protocol: Protocol,
  action: string,
  response: unknown,
  isStrict = false,
): Promise<AnswerReading> {
  const violations = await validatePayload(protocol, action, "response", response);
  if (violations.length === 0) return { payload: response as AnswerReading["payload"], violations };
  if (isStrict) return { payload: undefined, violations };
  const schema = await payloadSchema(protocol, action, "response");
  const options: ReadOptions = { complete: true, spare: new Set(spare[action]) };
  const payload = readAs(schema, response, options) as AnswerReading["payload"];
  return { payload: payload && isMissing(action, response, payload) ? undefined : payload, violations };
}

function isMissing(action: string, response: unknown, payload: object): boolean {
  const names = results[action] ?? [];
  const isThere = (thing: object, name: string) => (thing as Record<string, unknown>)[name] != null;
  return (
    names.some((name) => isThere(response as object, name)) && !names.some((name) => isThere(payload, name))
  );
}
