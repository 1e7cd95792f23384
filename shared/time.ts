/** Units in milliseconds, and the two forms in which times are stored. All instants are epoch milliseconds. */
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** RFC 3339 in UTC, as API, events and OCPP messages have it. */
export const iso = (ms: number): string => new Date(ms).toISOString();

/** When an item may be deleted: DynamoDB's TTL counts in whole seconds. */
export const expiresAfter = (ms: number, days: number): number => Math.ceil((ms + days * DAY_MS) / 1000);
