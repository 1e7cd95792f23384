import type { Key } from "./keys.ts";
import { type Expression, type Table, tryWrite } from "./table.ts";
import { changedMeanwhile, type Precondition, requireVersion } from "./version.ts";

export interface ConditionalWrite {
  readonly write: (condition: string, expression: Expression) => Promise<unknown>;
  /** Whether it deletes: a deletion that the SDK retried meets nothing. */
  readonly isDeletion?: true;
}

/**
 * Writes an item that keeps its `version`, on the condition that it is still the version that the caller read.
 *
 * @throws Problem `precondition-failed`
 */
export async function ifVersion<Item extends { readonly version?: string }>(
  table: Table,
  key: Key,
  precondition: Precondition,
  { write, isDeletion, versionOf }: ConditionalWrite & { readonly versionOf: (item: Item) => string },
): Promise<void> {
  const seen = await table.get<Item>(key);
  requireVersion(precondition, seen && versionOf(seen));
  const isUnchanged = seen?.version === undefined ? "attribute_not_exists(#version)" : "#version = :seen";
  const { applied, item } = await tryWrite(
    write(`attribute_exists(pk) AND ${isUnchanged}`, {
      names: { "#version": "version" },
      ...(seen?.version !== undefined && { values: { ":seen": seen.version } }),
    }),
  );
  if (!applied && !(isDeletion && !item)) throw changedMeanwhile();
}
