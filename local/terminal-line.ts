import type { LogEntry } from "./lambda/service.ts";

/** What Powertools' logger writes in every line, and nobody at a terminal asks for. */
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
 * What of a function's log whoever runs it on this machine should see at once: its warnings and errors, a line
 * each, and what Lambda says about it. Not that it threw `Unauthorized`: so an authorizer has API Gateway answer 401,
 * and its own line says why.
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

/** An error by its message; where it came from is in the file. */
function short(value: unknown): string {
  if (typeof value === "string") return value;
  const { message } = (value ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(value);
}
