import { Bulk, ProblemDetails, RemoteStartAttempt, RequestedBy } from "../../http/schemas.ts";
import {
  type Described,
  dateTime,
  eventIdOf,
  exampleOf,
  ofNetwork,
  ofStation,
  requiredOfNetwork,
  requiredOfStation,
  text,
} from "./members.ts";

const requestedBy = { clientId: "demo" } as const;

export const commandEvents = {
  "command.completed": {
    when: "a command was answered, refused, timed out or failed; once more, with `late: true`, where the answer comes afterwards",
    data: {
      type: "object",
      description:
        "The end of a command. Its messages are not in the event: GET /remote_commands/{commandId} returns them.",
      properties: {
        ...ofStation,
        commandId: text,
        command: { type: "string", examples: ["reset"] },
        state: { type: "string", enum: ["answered", "callError", "timedOut", "connectionLost", "failed"] },
        late: { type: "boolean", description: "True if the station's answer came after the deadline." },
        requestedAt: dateTime,
        completedAt: dateTime,
        requestedBy: RequestedBy,
        problem: ProblemDetails,
      },
      required: [...requiredOfStation, "commandId", "command", "state", "requestedAt"],
    },
    example: {
      ...exampleOf("command.completed"),
      commandId: "2f1b6a8e-61e5-4b3f-9d59-1c2f9c7a0d11",
      command: "reset",
      state: "answered",
      requestedAt: "2026-11-28T09:30:00.000Z",
      completedAt: "2026-11-28T09:30:00.212Z",
      requestedBy,
    },
  },
  "attempt.changed": {
    when: "a remote start attempt was made, or has another state",
    data: {
      type: "object",
      description: "A remote start attempt in its new state.",
      properties: {
        ...ofStation,
        ...RemoteStartAttempt.properties,
        previousState: { type: "string", description: "Absent where the attempt is new." },
      },
      required: ["eventId", "networkId", ...RemoteStartAttempt.required],
    },
    example: {
      ...exampleOf("attempt.changed"),
      id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
      idTag: "0A1B2C3D",
      validUntil: "2026-11-28T09:40:00.000Z",
      state: "sent",
      createdAt: "2026-11-28T09:30:00.000Z",
      sentAt: "2026-11-28T09:30:00.105Z",
      requestedBy,
      history: [
        { state: "pending", at: "2026-11-28T09:30:00.000Z" },
        { state: "sent", at: "2026-11-28T09:30:00.105Z" },
      ],
      previousState: "pending",
    },
  },
  "bulk.completed": {
    when: "every station of a bulk command has ended, also after it was cancelled or stopped",
    data: {
      type: "object",
      description:
        "A bulk command at its end, with its counts. GET /remote_commands/bulk/{bulkId}/results returns the stations.",
      properties: { ...ofNetwork, ...Bulk.properties },
      required: [...requiredOfNetwork, ...Bulk.required, "completedAt"],
    },
    example: {
      eventId: eventIdOf("bulk.completed"),
      networkId: "default",
      bulkId: "0d2c7a54-2c0e-4e0e-8a48-6f0b3b6f7a10",
      command: "reset",
      state: "completed",
      counts: {
        total: 500,
        waiting: 0,
        running: 0,
        accepted: 480,
        refused: 4,
        failed: 6,
        unknown: 0,
        skipped: 10,
        cancelled: 0,
      },
      parallel: 5,
      offline: "skip",
      requestedBy,
      requestedAt: "2026-11-28T09:00:00.000Z",
      completedAt: "2026-11-28T09:07:31.480Z",
    },
  },
} as const satisfies Described<"command.completed" | "attempt.changed" | "bulk.completed">;
