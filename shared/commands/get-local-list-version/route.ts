import { type CommandRoute, messageId } from "../command-route.ts";

export const route = {
  operationId: "getLocalListVersion",
  path: "get_local_list_version",
  summary: "Read the version of a station's local authorization list",
  answer: {
    properties: {
      ocppMessageId: messageId,
      listVersion: {
        type: "integer",
        description: "0: the list is empty. -1 (OCPP 1.6): the station has no local list.",
      },
    },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
