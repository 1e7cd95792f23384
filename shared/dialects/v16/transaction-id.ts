/** A transaction id as 1.6 has it: an integer. A text that is none stays, and the schema refuses it. */
export const v16TransactionId = (transactionId: string): number | string =>
  /^-?\d{1,15}$/.test(transactionId) ? Number(transactionId) : transactionId;
