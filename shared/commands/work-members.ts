/** Members of the bodies of commands whose work goes on after the station's answer. */

export const location = {
  type: "string",
  minLength: 1,
  maxLength: 2000,
  description:
    "The URL that the station uses, with what it needs to be let in: user name and password, a token, or a presigned query. These are neither stored nor logged.",
} as const;

export const retries = {
  retries: { type: "integer", minimum: 0, maximum: 1000, description: "How often the station tries again." },
  retryIntervalSeconds: {
    type: "integer",
    minimum: 0,
    maximum: 86_400,
    description: "How long the station waits before it tries again.",
  },
} as const;

/** The same members as every version of OCPP has them. */
export const retriesOf = ({
  retries,
  retryIntervalSeconds,
}: {
  readonly retries?: number | undefined;
  readonly retryIntervalSeconds?: number | undefined;
}) => ({
  ...(retries !== undefined && { retries }),
  ...(retryIntervalSeconds !== undefined && { retryInterval: retryIntervalSeconds }),
});
