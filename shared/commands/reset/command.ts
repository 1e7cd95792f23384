import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { route } from "./route.ts";

export const reset: Command<InputOf<typeof route>, StatusOutput> = {
  name: "reset",
  rows: {
    /** §5.14 Reset */
    v16: { run: ({ type }, session) => sendForStatus(session, "Reset", { type }) },

    /** B11 and B12, Reset */
    v2: {
      run: ({ type }, session) =>
        sendForStatus(session, "Reset", { type: type === "Hard" ? "Immediate" : "OnIdle" }),
    },
  },
};
