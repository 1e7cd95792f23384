import type { LogEntry } from "./lambda/service.ts";

/** Members that Powertools' logger writes in every line; omitted at the terminal. */
const OF_EVERY_LINE = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
  "function_request_id",
]);

/**
 * Returns the lines of a function's log that belong in the terminal: warnings and errors, one line each, and
 * Lambda's platform messages. `Unauthorized` is left out: an authorizer throws it to have API Gateway answer 401, and
 * logs the reason in a line of its own.
 *
 * @returns the lines with their ends; "" for none
 */
export function terminalLines({ functionId, source, text }: LogEntry): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const said =
    source === "platform"
      ? lines.filter((line) => parsed(line)?.errorMessage !== "Unauthorized")
      : warnings(lines);
  return said.map((line) => `${functionId}: ${line}\n`).join("");
}

function warnings(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const entry = parsed(line);
    if (entry?.level !== "WARN" && entry?.level !== "ERROR") return [];
    const keys = Object.entries(entry).filter(([key]) => !OF_EVERY_LINE.has(key));
    return [[entry.message, ...keys.map(([key, value]) => `${key}=${short(value)}`)].join(" ")];
  });
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** An error is shortened to its message; the file has the stack trace. */
function short(value: unknown): string {
  if (typeof value === "string") return value;
  const { message } = (value ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(value);
}
