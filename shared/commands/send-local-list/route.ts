import { type CommandRoute, status } from "../command-route.ts";

/** The statuses of a token in 1.6 (AuthorizationStatus); 2.x has these, too. */
export const V16_STATUSES = ["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"] as const;

const idTag = { type: "string", minLength: 1, maxLength: 255 } as const;

export const route = {
  operationId: "sendLocalList",
  path: "send_local_list",
  summary: "Give a station a list of tokens, or changes of its list",
  description:
    "The tokens that a station accepts by itself, for example while it is offline. The list goes out in as many CALLs as the station's limits ask for: the first of a `Full` list replaces the station's list, the others add to it. Their versions ascend, and the last one has `listVersion`. At the first CALL that the station does not accept, no further one is sent; `status` is its answer, and `acceptedEntries` the number of entries before it. A problem after the first CALL has `acceptedEntries`, too.",
  body: {
    type: "object",
    properties: {
      listVersion: {
        type: "integer",
        minimum: 1,
        maximum: 2_147_483_647,
        description: "Of the list after the update. It must be higher than the station's version.",
      },
      updateType: {
        type: "string",
        enum: ["Full", "Differential"],
        description: "`Full` replaces the station's list, `Differential` changes the given entries.",
      },
      entries: {
        type: "array",
        maxItems: 1000,
        items: {
          type: "object",
          properties: {
            idTag,
            idTokenType: {
              type: "string",
              minLength: 1,
              maxLength: 20,
              description: "For OCPP 2.x; 1.6 knows no types of tokens. `Central` where it is absent.",
            },
            status: {
              type: "string",
              enum: [
                ...V16_STATUSES,
                ...([
                  "NoCredit",
                  "NotAllowedTypeEVSE",
                  "NotAtThisLocation",
                  "NotAtThisTime",
                  "Unknown",
                ] as const),
              ],
              description:
                "Whether the token may charge. Absent in a `Differential` update: the token is removed. The last five need OCPP 2.x.",
            },
            expiresAt: { type: "string", format: "date-time" },
            groupIdTag: { ...idTag, description: "parentIdTag in OCPP 1.6." },
          },
          required: ["idTag"],
          additionalProperties: false,
        },
      },
    },
    required: ["listVersion", "updateType", "entries"],
    additionalProperties: false,
    examples: [
      {
        listVersion: 7,
        updateType: "Full",
        entries: [
          { idTag: "0A1B2C3D", status: "Accepted", expiresAt: "2030-01-01T00:00:00Z" },
          { idTag: "4E5F6071", status: "Blocked" },
        ],
      },
    ],
  },
  answer: {
    properties: {
      ocppMessageIds: { type: "array", items: { type: "string" }, description: "The CALLs, in order." },
      status,
      acceptedEntries: {
        type: "integer",
        description:
          "The entries in CALLs that the station accepted. Absent for a station with `link: legacy`.",
      },
    },
    required: ["ocppMessageIds"],
  },
} as const satisfies CommandRoute;
