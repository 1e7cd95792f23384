import type { Family, Route } from "./route.ts";
import { asynchronousRoutes } from "./routes/asynchronous.ts";
import { bulkCommandRoutes } from "./routes/bulk.ts";
import { commandRoutes } from "./routes/commands.ts";
import { networkRoutes } from "./routes/networks.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { rateRoutes } from "./routes/rates.ts";
import { rawRoutes } from "./routes/raw.ts";
import { stationRoutes } from "./routes/stations.ts";
import { synchronousRoutes } from "./routes/synchronous.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

const families: Readonly<Record<Family, readonly Route[]>> = {
  synchronous: synchronousRoutes,
  asynchronous: asynchronousRoutes,
  raw: rawRoutes,
  rates: rateRoutes,
  commands: commandRoutes,
  bulk: bulkCommandRoutes,
  stations: stationRoutes,
  tokens: tokenRoutes,
  webhooks: webhookRoutes,
  networks: networkRoutes,
  openapi: openApiRoutes,
};

/** Every route of the remote API with the function that serves it. A function imports only its own family's. */
export const routes: readonly (Route & { readonly family: Family })[] = Object.entries(families).flatMap(
  ([family, routes]) => routes.map((route) => ({ ...route, family: family as Family })),
);
