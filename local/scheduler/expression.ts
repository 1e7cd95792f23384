import { invalid } from "./errors.ts";

const AT = /^at\((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\)$/;

/**
 * When a one-time schedule is due, epoch milliseconds
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). `rate` and `cron` are not
 * played here.
 *
 * @throws ValidationException
 */
export function dueAt(expression: string, timeZone: string): number {
  if (/^(rate|cron)\(/.test(expression)) {
    throw invalid(`Only at() is served on this machine, not ${expression}`);
  }
  const [, ...parts] = AT.exec(expression)?.map(Number) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const wallClock = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC takes a 31st of February for the 3rd of March.
  if (parts.length === 0 || `at(${new Date(wallClock).toISOString().slice(0, 19)})` !== expression) {
    throw invalid(`Invalid Schedule Expression ${expression}.`);
  }
  // The offset of the zone at that time is found by asking for it at a time that is nearly that; the second
  // look settles a change to or from daylight saving time in between.
  const near = wallClock - offsetOf(timeZone, wallClock);
  return wallClock - offsetOf(timeZone, near);
}

/** How far the zone's clocks are ahead of UTC at that time, milliseconds. */
function offsetOf(timeZone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric" as const;
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  };
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", calendar: "gregory", ...fields });
  } catch {
    throw invalid(`Provided timezone ${timeZone} is invalid.`);
  }
}
