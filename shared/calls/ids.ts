import { v5 } from "uuid";

/**
 * The OCPP message id of a command's n-th CALL, counted from 0: the first one carries the command's id, the
 * others' follow from it, so that a command of many CALLs is read by its id alone.
 */
export const callIdOf = (commandId: string, n: number): string =>
  n === 0 ? commandId : v5(String(n), commandId);
