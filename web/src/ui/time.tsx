import Box from "@cloudscape-design/components/box";
import { useEffect, useState } from "react";

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** `2026-11-28T09:30:00.123Z` as `2026-11-28 09:30:00.123 UTC`. */
const utc = (at: string): string => {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? at : `${time.toISOString().replace("T", " ").replace("Z", "")} UTC`;
};

/** A time in the reader's zone, with the UTC beside it. */
export function Time({ at }: { readonly at: string | undefined }) {
  if (at === undefined) return <>–</>;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return <>{at}</>;
  return (
    <time dateTime={at} className="time">
      <span>{local.format(time)}</span> <span className="utc">{utc(at)}</span>
    </time>
  );
}

const STEPS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

function since(seconds: number): string {
  for (const [unit, size] of STEPS)
    if (Math.abs(seconds) >= size || unit === "second")
      return relative.format(-Math.trunc(seconds / size), unit);
  return "";
}

/** How long ago something was, kept true; the exact times in a tooltip. */
export function Ago({ at }: { readonly at: string | undefined }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  if (at === undefined) return <>–</>;
  const time = new Date(at).getTime();
  if (Number.isNaN(time)) return <>{at}</>;
  return (
    <time dateTime={at} title={`${local.format(time)} · ${utc(at)}`}>
      {since((Math.max(now, time) - time) / 1000)}
    </time>
  );
}

export function Duration({ ms }: { readonly ms: number | undefined }) {
  if (ms === undefined) return <>–</>;
  return <Box variant="span">{ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`}</Box>;
}
