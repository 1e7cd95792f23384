import { v16TransactionId } from "../../dialects/v16/transaction-id.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";

export interface RemoteStopInput {
  /** The station decides whether the transaction exists; it need not be known here. */
  readonly transactionId: string;
}

export const remoteStop: Command<RemoteStopInput, StatusOutput> = {
  name: "remote_stop",
  rows: {
    /** §5.12 RemoteStopTransaction; the schema refuses an id that is no integer. */
    v16: {
      run: ({ transactionId }, session) =>
        sendForStatus(session, "RemoteStopTransaction", { transactionId: v16TransactionId(transactionId) }),
    },

    /** F03 Remote Stop Transaction */
    v2: {
      run: ({ transactionId }, session) =>
        sendForStatus(session, "RequestStopTransaction", { transactionId }),
    },
  },
};
