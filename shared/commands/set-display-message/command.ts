import { messageInfoOf } from "../../dialects/v2/display-message.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { checkOption, lacking } from "../not-supported.ts";
import type { route } from "./route.ts";

interface MessageOutput extends StatusOutput {
  readonly messageId: number;
}

/** What 2.1 has and 2.0.1 has not. */
const newer: ReadonlySet<string | undefined> = new Set(["QRCODE", "Suspended", "Discharging"]);

export const setDisplayMessage: Command<InputOf<typeof route>, MessageOutput> = {
  name: "set_display_message",
  rows: {
    v16: lacking("SetDisplayMessage"),

    /** O01 and O02 Set Display Message, O06 Replace DisplayMessage */
    v2: {
      async run({ message }, session) {
        const messageId = message.messageId ?? session.ownNumber;
        const payload = { message: messageInfoOf(message, messageId) };
        const option = [message.format, message.state].find((word) => newer.has(word));
        if (option !== undefined) await checkOption(session, "SetDisplayMessage", payload, option);
        return { ...(await sendForStatus(session, "SetDisplayMessage", payload)), messageId };
      },
    },
  },
};
