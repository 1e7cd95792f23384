import { location, retries } from "../work-members.ts";

/** The body of `get_log`. */
export const getLogBody = {
  type: "object",
  properties: {
    log: { type: "string", enum: ["diagnostics", "security"], description: "The log to upload." },
    location,
    from: { type: "string", format: "date-time", description: "The oldest entry to upload." },
    to: { type: "string", format: "date-time", description: "The newest entry to upload." },
    ...retries,
  },
  required: ["log", "location"],
  additionalProperties: false,
  examples: [{ log: "diagnostics", location: "https://logs.example.com/CP001/" }],
} as const;
