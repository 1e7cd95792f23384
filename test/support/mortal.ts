import type { Table } from "../../shared/store/table.ts";
import type { TestTable } from "./table.ts";

/** The process has ended. */
export class Killed extends Error {}

/** The tables of a process that dies after so many requests. */
export function mortal(
  store: Pick<TestTable, "table" | "passwords">,
  requests: number,
): Pick<TestTable, "table" | "passwords"> {
  const life = { left: requests };
  return { table: dying(store.table, life), passwords: dying(store.passwords, life) };
}

function dying({ name, ...methods }: Table, life: { left: number }): Table {
  const killed = Object.fromEntries(
    Object.entries(methods).map(([method, request]) => [
      method,
      async (...args: unknown[]) => {
        life.left -= 1;
        if (life.left < 0) throw new Killed();
        return (request as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Omit<Table, "name">;
  return { name, ...killed };
}
