import { createHash } from "node:crypto";
import { v5 } from "uuid";

/**
 * The OCPP message id of a command's n-th CALL, counted from 0: the first one carries the command's id, the
 * others' follow from it, so that a command of many CALLs is read by its id alone.
 */
export const callIdOf = (commandId: string, n: number): string =>
  n === 0 ? commandId : v5(String(n), commandId);

/**
 * The number by which a station refers to a command in messages of its own (OCPP 2.x requestId): 31 bits of
 * the command's id, since OCPP's integers are signed.
 */
export const requestIdOf = (commandId: string): number =>
  createHash("sha256").update(commandId).digest().readUInt32BE() >>> 1;
