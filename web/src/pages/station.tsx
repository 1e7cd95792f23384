import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense } from "react";
import { useNavigate, useParams } from "react-router";
import type { Schemas } from "../api/client.ts";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { useStation } from "../ui/station-link.tsx";
import { Connected, versionText } from "../ui/status.tsx";
import { Ago } from "../ui/time.tsx";

export interface StationTab {
  readonly station: Schemas["Station"];
}

const REFRESH_MS = 5_000;

const tabs = [
  { id: "overview", label: "Overview", Tab: lazy(() => import("./station/overview.tsx")) },
  { id: "commands", label: "Commands", Tab: lazy(() => import("./station/commands.tsx")) },
  { id: "configuration", label: "Configuration", Tab: lazy(() => import("./station/configuration.tsx")) },
  { id: "charges", label: "Charges", Tab: lazy(() => import("./station/charges.tsx")) },
  { id: "log", label: "Communication log", Tab: lazy(() => import("./station/log.tsx")) },
  { id: "settings", label: "Settings", Tab: lazy(() => import("./station/settings.tsx")) },
];

export function Component() {
  const { cpId = "", tab = "overview" } = useParams();
  const navigate = useNavigate();
  const { data: station, error, refetch } = useStation(cpId, REFRESH_MS);
  if (station === undefined)
    return error ? (
      <ProblemAlert error={error} operationId="getStation" onRetry={() => void refetch()} />
    ) : (
      <Spinner size="large" />
    );
  const { identity, name, connection, defaultProtocol, lock } = station;
  const address = (to: string) => `/stations/${encodeURIComponent(cpId)}/${to}`;
  return (
    <SpaceBetween size="m">
      <PageHeader
        description={
          <span className="facts">
            <Connected connection={connection} />
            <span>OCPP {versionText(connection.protocol ?? defaultProtocol)}</span>
            <span>
              last seen <Ago at={connection.lastSeenAt} />
            </span>
            {name && <span>{name}</span>}
            {lock === "permanent" && <span>locked</span>}
          </span>
        }
        actions={
          <Button href={`#/raw?station=${encodeURIComponent(cpId)}`} iconName="script">
            Raw request
          </Button>
        }
      >
        {identity}
      </PageHeader>
      <Tabs
        activeTabId={tab}
        ariaLabel={`Station ${identity}`}
        onChange={({ detail }) => navigate(address(detail.activeTabId))}
        tabs={tabs.map(({ id, label, Tab }) => ({
          id,
          label,
          content: id === tab && (
            <Suspense fallback={<Spinner />}>
              <Tab station={station} />
            </Suspense>
          ),
        }))}
      />
    </SpaceBetween>
  );
}
