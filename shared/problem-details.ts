const text = { type: "string" } as const;

/** The JSON schema of a problem (RFC 9457). */
export const ProblemDetails = {
  type: "object",
  description: "RFC 9457 problem details.",
  properties: {
    type: { type: "string", format: "uri" },
    title: text,
    status: { type: "integer" },
    detail: text,
    instance: { type: "string", description: "The path of the request." },
  },
  required: ["type", "title", "status", "detail"],
} as const;
