import type { StatusOutput } from "../answers.ts";
import type { Command, CommandRow } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { route } from "./route.ts";

interface DataTransferOutput extends StatusOutput {
  readonly data?: unknown;
}

type Input = InputOf<typeof route>;

const rowWith = (dataOf: (data: unknown) => unknown): CommandRow<Input, DataTransferOutput> => ({
  async run({ vendorId, messageId, data }, session) {
    const { ocppMessageId, payload } = await session.call("DataTransfer", {
      vendorId,
      ...(messageId !== undefined && { messageId }),
      ...(data !== undefined && { data: dataOf(data) }),
    });
    if (!payload) return { ocppMessageId };
    return {
      ocppMessageId,
      status: payload.status as string,
      ...(payload.data !== undefined && { data: payload.data }),
    };
  },
});

export const dataTransfer: Command<Input, DataTransferOutput> = {
  name: "data_transfer",
  rows: {
    /** §5.6 Data Transfer: data is text. */
    v16: rowWith((data) => (typeof data === "string" ? data : JSON.stringify(data))),

    /** P01 Data Transfer */
    v2: rowWith((data) => data),
  },
};
