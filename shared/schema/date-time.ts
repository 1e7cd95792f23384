const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/;

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Epoch milliseconds of an ISO 8601 date and time; undefined if the text is none. More liberal than RFC 3339,
 * as stations in the field need: no zone at all (read as UTC), a zone without colon or minutes (`+0200`,
 * `+02`), a space for the `T`, a comma before the fraction, no seconds.
 */
export function parseDateTime(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const part = (group: number) => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const leapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lastDay = month === 2 && !leapYear ? 28 : (DAYS_IN_MONTH[month - 1] ?? 0);
  if (day < 1 || day > lastDay || hour > 23 || minute > 59 || second > 60) return undefined;
  if (part(9) > 23 || part(10) > 59) return undefined;
  const offsetMinutes = (part(9) * 60 + part(10)) * (match[8] === "-" ? -1 : 1);
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  // not Date.UTC, which takes the years 0 to 99 for 1900 to 1999
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offsetMinutes, Math.min(second, 59), milliseconds);
  return date.getTime();
}

/** The same moment in UTC, as every station reads it; a text that is no date and time stays as it is. */
export function utc(text: string): string {
  const ms = parseDateTime(text);
  return ms === undefined ? text : new Date(ms).toISOString();
}

/** The format `date-time` of JSON Schema. */
export function isRfc3339(text: string): boolean {
  return RFC_3339.test(text) && parseDateTime(text) !== undefined;
}
