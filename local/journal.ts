import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A map that may survive its process. */
export interface Journal<Value> {
  readonly entries: ReadonlyMap<string, Value>;
  set(key: string, value: Value): void;
  delete(key: string): void;
  close(): void;
}

/**
 * Keeps a map in a file, in memory alone without a folder. A change is one line at the file's end, written
 * before the call returns: a killed process loses nothing it has answered for, at worst it leaves half a
 * line, which the next start leaves out. That start also writes the file anew, without what is gone.
 */
export function openJournal<Value>(dataDir: string | undefined, name: string): Journal<Value> {
  if (dataDir === undefined) return journal(new Map(), undefined);
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, name);
  const entries = read<Value>(path);
  writeFileSync(`${path}.new`, [...entries].map(([key, value]) => line(key, value)).join(""));
  renameSync(`${path}.new`, path);
  return journal(entries, openSync(path, "a"));
}

function journal<Value>(entries: Map<string, Value>, file: number | undefined): Journal<Value> {
  return {
    entries,
    set(key, value) {
      if (file !== undefined) writeSync(file, line(key, value));
      entries.set(key, value);
    },
    delete(key) {
      if (file !== undefined) writeSync(file, line(key, null));
      entries.delete(key);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

const line = (key: string, value: unknown) => `${JSON.stringify([key, value])}\n`;

function read<Value>(path: string): Map<string, Value> {
  const entries = new Map<string, Value>();
  for (const [key, value] of lines(path) as [string, Value | null][]) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return entries;
}

function lines(path: string): unknown[] {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  // What follows the last newline was never finished.
  return content
    .split("\n")
    .slice(0, -1)
    .map((text) => JSON.parse(text));
}
