import { systemClock } from "../../shared/clock.ts";
import { createApi } from "../../shared/http/api.ts";
import { commandHandlers } from "../../shared/http/handlers/commands.ts";
import { commandRoutes } from "../../shared/http/routes/commands.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment, scopePrefix } from "../environment.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  clock: systemClock,
  scopePrefix: scopePrefix(),
};

/** What has become of a command. */
export const handler = createApi(commandRoutes, commandHandlers(deps), deps);
