import I18nProvider from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { createHashRouter, Navigate, type RouteObject } from "react-router";
import { RouterProvider } from "react-router/dom";
import { ApiProblem } from "./api/problem.ts";
import { type Console, ConsoleProvider } from "./context.ts";
import { NotFound, PageError } from "./page-error.tsx";
import { Shell } from "./shell.tsx";

const MAXIMUM_RETRIES = 3;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // An answer that is a problem stays one; what did not come, or was throttled, is asked for again.
      retry: (count, error) =>
        count < MAXIMUM_RETRIES &&
        !(error instanceof ApiProblem && error.status < 500 && error.status !== 429),
      retryDelay: (_count, error) => 1000 * (error instanceof ApiProblem ? (error.retryAfter ?? 1) : 1),
      // The console shows by itself that the API does not answer, and goes on asking.
      networkMode: "always",
      staleTime: 1_000,
    },
    mutations: { networkMode: "always" },
  },
});

/**
 * Pages are addressed in the fragment (`#/stations/…`): one build works at the root of a host and in a folder, the
 * server needs no rule for unknown paths, and the redirect address of the sign-in is one.
 */
const routes: RouteObject[] = [
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: PageError,
    HydrateFallback: () => null,
    children: [
      { index: true, element: <Navigate to="/stations" replace /> },
      { path: "stations", lazy: () => import("./pages/stations.tsx") },
      { path: "stations/new", lazy: () => import("./pages/register-station.tsx") },
      { path: "stations/:cpId/exchange/:entryId", lazy: () => import("./pages/exchange.tsx") },
      { path: "stations/:cpId/:tab?/:command?", lazy: () => import("./pages/station.tsx") },
      { path: "log", lazy: () => import("./pages/log.tsx") },
      { path: "commands", lazy: () => import("./pages/commands.tsx") },
      { path: "commands/:commandId", lazy: () => import("./pages/command.tsx") },
      { path: "attempts", lazy: () => import("./pages/attempts.tsx") },
      { path: "attempts/new", lazy: () => import("./pages/start-charging.tsx") },
      { path: "attempts/:attemptId", lazy: () => import("./pages/attempt.tsx") },
      { path: "charges", lazy: () => import("./pages/charges.tsx") },
      { path: "charges/:id", lazy: () => import("./pages/charge.tsx") },
      { path: "bulk", lazy: () => import("./pages/bulk-commands.tsx") },
      { path: "bulk/new", lazy: () => import("./pages/new-bulk-command.tsx") },
      { path: "bulk/:bulkId", lazy: () => import("./pages/bulk-command.tsx") },
      { path: "raw", lazy: () => import("./pages/raw.tsx") },
      { path: "rates", lazy: () => import("./pages/rates.tsx") },
      { path: "rates/new", lazy: () => import("./pages/rate.tsx") },
      { path: "rates/:rateId", lazy: () => import("./pages/rate.tsx") },
      { path: "tokens", lazy: () => import("./pages/tokens.tsx") },
      { path: "tokens/new", lazy: () => import("./pages/token.tsx") },
      { path: "tokens/:idTag", lazy: () => import("./pages/token.tsx") },
      { path: "webhooks", lazy: () => import("./pages/webhooks.tsx") },
      { path: "webhooks/new", lazy: () => import("./pages/webhook.tsx") },
      { path: "webhooks/:webhookId", lazy: () => import("./pages/webhook.tsx") },
      { path: "networks", lazy: () => import("./pages/networks.tsx") },
      { path: "networks/new", lazy: () => import("./pages/network.tsx") },
      { path: "networks/:networkId", lazy: () => import("./pages/network.tsx") },
      { path: "*", Component: NotFound },
    ].map((route) => ({ ErrorBoundary: PageError, ...route })),
  },
];

export function App({ value }: { readonly value: Console }) {
  // Made here and not with the module: the sign-in sets the address that the router begins with.
  const [router] = useState(() => createHashRouter(routes));
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <ConsoleProvider value={value}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ConsoleProvider>
    </I18nProvider>
  );
}
