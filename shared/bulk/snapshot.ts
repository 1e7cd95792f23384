import type { CommandDeps } from "../commands/request.ts";
import {
  type BulkInputItem,
  type BulkItem,
  type BulkStationsItem,
  bulkInputKey,
  bulkStationsKey,
  STATIONS_PER_PART,
} from "../store/bulk.ts";
import { payloadOf } from "../store/payload.ts";
import type { Table } from "../store/table.ts";
import type { BulkQueue } from "./messages.ts";

export interface BulkDeps extends CommandDeps {
  readonly queue: BulkQueue;
}

/** The stations and the input of a bulk command, which never change. One turn of a worker reads each item once. */
export class Snapshot {
  readonly #table: Table;
  readonly #parts = new Map<number, Promise<BulkStationsItem | undefined>>();
  #input: Promise<object> | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  async stationOf(bulk: BulkItem, n: number): Promise<string> {
    const part = Math.floor(n / STATIONS_PER_PART);
    const read = this.#parts.get(part) ?? this.#table.get<BulkStationsItem>(bulkStationsKey(bulk, part));
    this.#parts.set(part, read);
    const cpId = (await read)?.cpIds[n % STATIONS_PER_PART];
    if (cpId === undefined) throw new Error(`the bulk command ${bulk.bulkId} has no station ${n}`);
    return cpId;
  }

  inputOf({ bulkId }: BulkItem): Promise<object> {
    this.#input ??= this.#readInput(bulkId);
    return this.#input;
  }

  async #readInput(bulkId: string): Promise<object> {
    const item = await this.#table.get<BulkInputItem>(bulkInputKey(bulkId));
    if (!item) throw new Error(`the bulk command ${bulkId} has no input`);
    return payloadOf<object>(item.input);
  }
}
