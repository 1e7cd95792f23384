/**
 * The JSON schemas of the OCA, as the npm package ocpp-rpc ships them: one file per version, loaded when the
 * first message of that version is validated and not before.
 */

import { parseDateTime } from "../schema/date-time.ts";
import { formats } from "../schema/formats.ts";
import { type Schema, type Violation, validate } from "../schema/validate.ts";
import { csmsMaySend, stationMaySend, stationMaySendUnanswered } from "./actions.ts";
import type { Protocol } from "./protocols.ts";
import { versionOf } from "./versions.ts";

type Kind = "request" | "response";

const loaded = new Map<Protocol, Promise<ReadonlyMap<string, Schema>>>();

async function load(protocol: Protocol): Promise<ReadonlyMap<string, Schema>> {
  const schemas = (await versionOf(protocol).loadSchemas()).default as (Schema & { $id: string })[];
  return new Map(schemas.map((schema) => [schema.$id, schema]));
}

/**
 * The schema of an action's payload in that version of OCPP.
 *
 * @throws Error if there is none: ask `hasAction` first
 */
export async function payloadSchema(protocol: Protocol, action: string, kind: Kind): Promise<Schema> {
  const schemas = loaded.get(protocol) ?? load(protocol);
  loaded.set(protocol, schemas);
  const schema = (await schemas).get(versionOf(protocol).schemaId(action, kind));
  if (schema === undefined) throw new Error(`${protocol} has no schema for the ${kind} of ${action}`);
  return schema;
}

/**
 * Stations in the field write timestamps that are ISO 8601 but not RFC 3339 (no zone, `+02`): what they mean
 * is clear, and a CALLERROR would make them send the same again for ever. What we send is held to the letter.
 */
const stationFormats = { ...formats, "date-time": (text: string) => parseDateTime(text) !== undefined };

/** Where a payload breaks its action's schema; empty if it is valid. */
export async function validatePayload(
  protocol: Protocol,
  action: string,
  kind: Kind,
  payload: unknown,
): Promise<Violation[]> {
  const schema = await payloadSchema(protocol, action, kind);
  const isFromStation =
    kind === "request"
      ? stationMaySend(protocol, action) || stationMaySendUnanswered(protocol, action)
      : csmsMaySend(protocol, action);
  return validate(schema, payload, isFromStation ? stationFormats : formats);
}
