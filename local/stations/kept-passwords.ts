import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The passwords of stations that `npm run station` registered, by station endpoint and identity: the API returns
 * a generated password only once, and the terminal that showed it may be closed.
 */
export interface KeptPasswords {
  read(station: string): string | undefined;
  write(station: string, password: string): void;
}

export function keptPasswords(file: string): KeptPasswords {
  const all = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  };
  return {
    read: (station) => all()[station],
    write(station, password) {
      mkdirSync(dirname(file), { recursive: true });
      const next = `${file}.${process.pid}`;
      writeFileSync(next, `${JSON.stringify({ ...all(), [station]: password }, undefined, 2)}\n`, {
        mode: 0o600,
      });
      renameSync(next, file);
    },
  };
}
