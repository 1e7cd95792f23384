/**
 * The configuration that the answers of a 1.6 station confirm. It is stored even if no request waits for the answer.
 */

import type { ConfigurationReport } from "../../configuration/stored.ts";
import type { Dialect } from "../dialects.ts";

export const configurationReports: Dialect["configurationReports"] = {
  GetConfiguration: (request, response) => ({
    complete: !Array.isArray(request.key) || request.key.length === 0,
    keys: (response.configurationKey ?? []) as ConfigurationReport["keys"],
  }),

  ChangeConfiguration: (request, response) =>
    response.status === "Accepted" || response.status === "RebootRequired"
      ? {
          complete: false,
          keys: [{ key: request.key as string, value: request.value as string, readonly: false }],
        }
      : undefined,
};
