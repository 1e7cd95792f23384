/**
 * The row of a station: its outcome, which is written once. Which claim may write it is in the row, so that a run whose
 * claim has ended, and which has not noticed, changes nothing:
 *
 *     (no row)          the first claim
 *     claim: "parked"   none, the station is offline
 *     claim: mark       the claim that took the station up
 */

import { v5 } from "uuid";
import type { Clock } from "../clock.ts";
import { type BulkRowItem, bulkRowKey } from "../store/bulk.ts";
import { type Table, tryWrite } from "../store/table.ts";
import type { Claim } from "./head.ts";
import type { StationOutcome } from "./outcome.ts";

interface RowDeps {
  readonly table: Table;
  readonly clock: Clock;
}

const PARKED = "parked";
const isOpen = "attribute_not_exists(outcome)";

/** The command's id at one station: the same in every run. */
export const commandIdOf = (bulkId: string, cpId: string): string => v5(cpId, bulkId);

export const readRow = (table: Table, bulkId: string, n: number): Promise<BulkRowItem | undefined> =>
  table.get<BulkRowItem>(bulkRowKey(bulkId, n));

const mayWrite = ({ mark }: Claim) =>
  mark === undefined
    ? {
        condition: `${isOpen} AND attribute_not_exists(#claim)`,
        expression: { names: { "#claim": "claim" } },
      }
    : {
        condition: `${isOpen} AND #claim = :claim`,
        expression: { names: { "#claim": "claim" }, values: { ":claim": mark } },
      };

/** Whether the row's outcome was written under this claim, which therefore counts it. */
export const isOwnOutcome = (row: BulkRowItem, { mark }: Claim): boolean => row.claim === mark;

/** @returns the row as it stands: another run of the claim may have been faster */
async function putRow(
  { table, clock }: RowDeps,
  claim: Claim,
  cpId: string,
  about: Pick<BulkRowItem, "claim" | "outcome" | "status" | "problem">,
): Promise<BulkRowItem> {
  const { bulkId, expiresAt } = claim.bulk;
  const { n, mark } = claim;
  const commandId = commandIdOf(bulkId, cpId);
  const row = {
    ...{ n, cpId, commandId, atMs: clock.now(), expiresAt },
    ...(mark !== undefined && { claim: mark }),
    ...about,
  };
  const { condition, expression } = mayWrite(claim);
  const { applied, item } = await tryWrite<BulkRowItem>(
    table.put({ ...bulkRowKey(bulkId, n), ...row }, condition, expression),
  );
  return applied || !item ? row : item;
}

export const concludeRow = (
  deps: RowDeps,
  claim: Claim,
  cpId: string,
  { outcome, status, problem }: StationOutcome,
): Promise<BulkRowItem> =>
  putRow(deps, claim, cpId, {
    outcome,
    ...(status !== undefined && { status }),
    ...(problem && { problem }),
  });

/** Writes that the station is offline and waited for. */
export const parkRow = (deps: RowDeps, claim: Claim, cpId: string): Promise<BulkRowItem> =>
  putRow(deps, claim, cpId, { claim: PARKED });

/** Gives the row of a parked station to the claim. @returns the row as it stands */
export async function takeRow(table: Table, { bulk, n, mark }: Claim): Promise<BulkRowItem | undefined> {
  const { item } = await tryWrite<BulkRowItem>(
    table.update({
      key: bulkRowKey(bulk.bulkId, n),
      update: "SET #claim = :mark",
      condition: `attribute_exists(pk) AND ${isOpen}`,
      names: { "#claim": "claim" },
      values: { ":mark": mark },
      returning: "ALL_NEW",
    }),
  );
  return item;
}
