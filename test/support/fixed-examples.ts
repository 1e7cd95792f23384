import { v5 } from "uuid";

/**
 * Gives recorded responses fixed ids and a fixed clock, so that recording again changes only what the API
 * answers differently. An id is named by the operation that returned it first; a new operation therefore does
 * not rename the ids of the others.
 */

export type Recorded = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const NAMESPACE = "5f2d3c1e-8a54-4c0b-9a3f-1d2b7c6e5a40";
const RANDOM_UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** When things happen in the examples, by member or by state in a history. */
const TIMES: Readonly<Record<string, string>> = {
  connectedAt: "2026-11-20T11:30:00.000Z",
  bootedAt: "2026-11-20T11:30:01.000Z",
  createdAt: "2026-11-20T12:00:00.000Z",
  requestedAt: "2026-11-20T12:00:00.000Z",
  pending: "2026-11-20T12:00:00.000Z",
  queued: "2026-11-20T12:00:00.000Z",
  sentAt: "2026-11-20T12:00:00.120Z",
  sent: "2026-11-20T12:00:00.120Z",
  answeredAt: "2026-11-20T12:00:00.380Z",
  accepted: "2026-11-20T12:00:00.380Z",
  completedAt: "2026-11-20T12:00:00.380Z",
  startedAt: "2026-11-20T12:00:09.000Z",
  started: "2026-11-20T12:00:09.000Z",
  cancelled: "2026-11-20T12:01:00.000Z",
  validUntil: "2026-11-20T12:10:00.000Z",
  expiresAt: "2030-01-01T00:00:00.000Z",
  stopDueAt: "2026-11-20T13:30:09.000Z",
  stopping: "2026-11-20T12:45:00.000Z",
  stoppedAt: "2026-11-20T12:45:02.000Z",
  stopped: "2026-11-20T12:45:02.000Z",
};
const ANY_TIME = "2026-11-20T12:00:00.500Z";

/** Members whose value differs from run to run, beside ids and times. */
const VALUES: Readonly<Record<string, unknown>> = {
  connectionId: "Vn2cRfXIoAMCJ9w=",
  durationMs: 260,
  nextCursor: "eyJhZnRlciI6IkNQMDAxIn0",
  entryId: "20261120T120000500Z-1",
  meterStart: 1000,
  meterStop: 12400,
};
const TRANSACTION_ID = 20261120;

/** Numbers that the relay derives from a command's random id where the request gives none (31 bits). */
const DERIVED = /^(?:charging)?profileId$|^(?:remoteStart|request|reservation)Id$/i;
const DERIVED_NUMBER = 1_126_112_000;
/** set_charging_limit numbers its profiles from 900,000,000, requests of the examples from 1. */
const isDerived = (value: number): boolean =>
  value > 1_000_000 && (value < 900_000_000 || value > 900_001_000);

export function fixedExamples(recorded: Recorded): Recorded {
  const ids = new Map<string, string>();
  return Object.fromEntries(
    Object.entries(recorded).map(([operationId, answers]) => {
      let count = 0;
      const idOf = (random: string): string => {
        const known = ids.get(random) ?? [...ids.values()].find((given) => given === random);
        if (known !== undefined) return known;
        count += 1;
        const given = v4Like(v5(`${operationId}/${count}`, NAMESPACE));
        ids.set(random, given);
        return given;
      };
      return [operationId, settle(answers, idOf) as Readonly<Record<string, unknown>>];
    }),
  );
}

/** The relay's own ids are random ones: version 4. */
const v4Like = (uuid: string): string => `${uuid.slice(0, 14)}4${uuid.slice(15)}`;

function settle(value: unknown, idOf: (random: string) => string, name = "", state?: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => settle(item, idOf, name));
  if (typeof value === "object" && value !== null) {
    const own = (value as { state?: unknown }).state;
    const members = Object.entries(value).map(([key, member]) => [key, settle(member, idOf, key, own)]);
    return Object.fromEntries(members);
  }
  if (name in VALUES) return VALUES[name];
  if (name === "transactionId") {
    return typeof value === "number" ? TRANSACTION_ID : String(TRANSACTION_ID);
  }
  if (typeof value === "number" && DERIVED.test(name) && isDerived(value)) return DERIVED_NUMBER;
  if (typeof value !== "string") return value;
  if (ISO_TIME.test(value)) return TIMES[name === "at" ? String(state) : name] ?? ANY_TIME;
  return value.replace(RANDOM_UUID, idOf);
}
