import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { networkHandlers } from "../../shared/http/handlers/networks.ts";
import { networkRoutes } from "../../shared/http/routes/networks.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment, scopePrefix } from "../environment.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  secrets: openTable(environment("WEBHOOK_SECRET_TABLE_NAME")),
  clock: systemClock,
  scopePrefix: scopePrefix(),
};

/** Networks: operators' routes, over all networks. */
export const handler = createApi(networkRoutes, networkHandlers(deps), deps);
