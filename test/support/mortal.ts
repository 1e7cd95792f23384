import type { TestTable } from "./table.ts";

/** The process has ended. */
export class Killed extends Error {}

/** How many requests a process has left. */
export interface Life {
  left: number;
}

/** The tables of a process that dies after so many requests. */
export function mortal(
  store: Pick<TestTable, "table" | "passwords">,
  requests: number,
): Pick<TestTable, "table" | "passwords"> {
  const life = { left: requests };
  return { table: dying(store.table, life), passwords: dying(store.passwords, life) };
}

/** A port whose methods throw once the process has no request left. */
export function dying<Port extends object>(port: Port, life: Life): Port {
  const entries = Object.entries(port).map(([name, member]) => {
    if (typeof member !== "function") return [name, member];
    const request = async (...args: unknown[]) => {
      life.left -= 1;
      if (life.left < 0) throw new Killed();
      return member(...args);
    };
    return [name, request];
  });
  return Object.fromEntries(entries) as Port;
}
