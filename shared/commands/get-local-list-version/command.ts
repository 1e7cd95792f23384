import type { Command, CommandRow } from "../command.ts";

interface ListVersionOutput {
  readonly ocppMessageId: string;
  readonly listVersion?: number;
}

const rowWith = (member: string): CommandRow<object, ListVersionOutput> => ({
  async run(_, session) {
    const { ocppMessageId, payload } = await session.call("GetLocalListVersion", {});
    return { ocppMessageId, ...(payload && { listVersion: payload[member] as number }) };
  },
});

export const getLocalListVersion: Command<object, ListVersionOutput> = {
  name: "get_local_list_version",
  rows: {
    /** §5.10 Get Local List Version */
    v16: rowWith("listVersion"),

    /** D02 Get Local List Version */
    v2: rowWith("versionNumber"),
  },
};
