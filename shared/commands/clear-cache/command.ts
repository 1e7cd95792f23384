import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";

export const clearCache: Command<object, StatusOutput> = {
  name: "clear_cache",
  rows: {
    /** §5.4 ClearCache */
    v16: { run: (_, session) => sendForStatus(session, "ClearCache", {}) },

    /** C11 Clear Authorization Data in Authorization Cache */
    v2: { run: (_, session) => sendForStatus(session, "ClearCache", {}) },
  },
};
