import { parse } from "csv-parse/sync";
import { Problem } from "../problems.ts";
import type { CsvBody, CsvColumn } from "./route.ts";

type Members = { [name: string]: unknown };

/**
 * Reads a CSV file (RFC 4180) with a header row as the body of a route. Cells that are no number where one is wanted
 * stay text, so that validation names them.
 *
 * @throws Problem `invalid-request` for what is no CSV, and for unknown or repeated columns
 */
export function bodyOfCsv(text: string, { list, columns }: CsvBody): Members {
  const [header = [], ...rows] = rowsOf(text);
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(columns, name));
  const repeated = names.filter((name, place) => names.indexOf(name) !== place);
  const errors = [
    ...unknown.map((name) => ({ pointer: "", detail: `has an unknown column: ${JSON.stringify(name)}` })),
    ...repeated.map((name) => ({ pointer: "", detail: `has two columns ${JSON.stringify(name)}` })),
  ];
  if (errors.length > 0) {
    const known = Object.keys(columns).join(", ");
    throw new Problem(
      "invalid-request",
      `The header row has columns that it must not have. Known: ${known}.`,
      {
        errors,
      },
    );
  }
  return { [list]: rows.map((cells) => elementOf(names, cells, columns)) };
}

function rowsOf(text: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true });
  } catch (cause) {
    const detail = cause instanceof Error ? `is not CSV: ${cause.message}` : "is not CSV";
    const errors = [{ pointer: "", detail }];
    throw new Problem("invalid-request", "The body is not valid CSV.", { errors }, { cause });
  }
}

function elementOf(names: readonly string[], cells: readonly string[], columns: CsvBody["columns"]): Members {
  const element: Members = {};
  for (const [place, name] of names.entries()) {
    const column = columns[name];
    const cell = cells[place]?.trim() ?? "";
    if (!column || cell === "") continue;
    const path = [...column.path];
    const last = path.pop() as string;
    let around = element;
    for (const member of path) {
      around[member] ??= {};
      around = around[member] as Members;
    }
    around[last] = cellValue(cell, column);
  }
  return element;
}

function cellValue(cell: string, { kind = "text" }: CsvColumn): unknown {
  const parts = () =>
    cell
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  switch (kind) {
    case "text":
      return cell;
    case "number":
      return numberOf(cell);
    case "list":
      return parts();
    case "connectors":
      return parts().map((part) => {
        const [first = "", second] = part.split(":");
        return second === undefined
          ? { connectorId: numberOf(first) }
          : { evseId: numberOf(first), connectorId: numberOf(second) };
      });
  }
}

const numberOf = (text: string): number | string => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text);
