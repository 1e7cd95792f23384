import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { lacking } from "../not-supported.ts";
import type { route } from "./route.ts";

export const clearDisplayMessage: Command<InputOf<typeof route>, StatusOutput> = {
  name: "clear_display_message",
  rows: {
    v16: lacking("ClearDisplayMessage"),

    /** O05 Clear a DisplayMessage */
    v2: {
      run: ({ messageId }, session) => sendForStatus(session, "ClearDisplayMessage", { id: messageId }),
    },
  },
};
