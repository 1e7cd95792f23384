import { displayMessageOf, type MessageInfo } from "../../dialects/v2/display-message.ts";
import type { StatusOutput } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { checkOption, lacking } from "../not-supported.ts";
import type { route } from "./route.ts";

interface MessagesOutput extends StatusOutput {
  readonly messages?: readonly object[];
}

export const getDisplayMessages: Command<InputOf<typeof route>, MessagesOutput> = {
  name: "get_display_messages",
  rows: {
    v16: lacking("GetDisplayMessages"),

    /** O03 Get All DisplayMessages, O04 Get Specific DisplayMessages */
    v2: {
      async run({ ids, priority, state }, session) {
        const criteria = { ...(ids && { id: ids }), ...(priority && { priority }), ...(state && { state }) };
        if (state) await checkOption(session, "GetDisplayMessages", { ...criteria, requestId: 0 }, state);
        const { ocppMessageId, payload, entries } = await session.list("GetDisplayMessages", criteria);
        if (!payload) return { ocppMessageId };
        const messages = (entries ?? []).map((entry) => displayMessageOf(entry as MessageInfo));
        return { ocppMessageId, status: payload.status as string, messages };
      },
    },
  },
};
