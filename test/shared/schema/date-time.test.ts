import { describe, expect, it } from "vitest";
import { isRfc3339, parseDateTime } from "../../../shared/schema/date-time.ts";

const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

describe("parseDateTime", () => {
  it.each([
    ["2026-11-20T12:00:00Z", NOON],
    ["2026-11-20T12:00:00.000Z", NOON],
    ["2026-11-20T14:00:00+02:00", NOON],
    ["2026-11-20T06:30:00-05:30", NOON],
    ["2026-11-20T12:00:00.25Z", NOON + 250],
    ["2026-11-20T12:00:00.123456789Z", NOON + 123],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["2016-12-31T23:59:60Z", Date.UTC(2016, 11, 31, 23, 59, 59)],
    ["0001-01-01T00:00:00Z", Date.parse("0001-01-01T00:00:00Z")],
  ])("reads %s as RFC 3339", (text, expected) => {
    expect(isRfc3339(text)).toBe(true);
    expect(parseDateTime(text)).toBe(expected);
  });

  it.each([
    ["no zone", "2026-11-20T12:00:00", NOON],
    ["no zone, with a fraction", "2026-11-20T12:00:00.5", NOON + 500],
    ["a zone of hours", "2026-11-20T14:00:00+02", NOON],
    ["a zone without colon", "2026-11-20T14:00:00+0200", NOON],
    ["a comma before the fraction", "2026-11-20T12:00:00,5Z", NOON + 500],
    ["a space before the zone", "2026-11-20 12:00:00 Z", NOON],
    ["no seconds", "2026-11-20T12:00Z", NOON],
  ])("reads what is not RFC 3339 but clear: %s", (_, text, expected) => {
    expect(isRfc3339(text)).toBe(false);
    expect(parseDateTime(text)).toBe(expected);
  });

  it.each([
    "",
    "now",
    "2026-11-20",
    "12:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-11-00T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20T12:00:61Z",
    "2026-11-20T12:00:00+24:00",
    "2026-11-20T12:00:00Z and more",
    "1763640000000",
  ])("refuses %s", (text) => {
    expect(isRfc3339(text)).toBe(false);
    expect(parseDateTime(text)).toBeUndefined();
  });
});
