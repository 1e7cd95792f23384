/** What the answers of a 1.6 station leave behind, besides going to whoever waits for them. */

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
