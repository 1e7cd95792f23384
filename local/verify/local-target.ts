/** The local stack as a target, with everything that takes minutes on AWS shortened. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { startLocal } from "../relay.ts";
import { fetchToken } from "../stations/registration.ts";
import { createStationAuthority } from "../stations/station-authority.ts";
import { schedulesOf, type TimerVariables } from "./schedules.ts";
import type { Target } from "./target.ts";

/** Idle connections of functions are removed after this time, */
const IDLE_SOCKET_MS = 500;
/** and idle stations are disconnected after this one. */
const IDLE_STATION_MS = 5_000;

export interface LocalTarget {
  readonly target: Target;
  close(): Promise<void>;
}

/** @param assembly the Cloud Assembly, synthesized with a certificate endpoint */
export async function startLocalTarget(assembly: string, emptyFrames: boolean): Promise<LocalTarget> {
  const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-verify-"));
  const authority = await createStationAuthority();
  const station = await authority.issue([{ CN: ["verify-profile-3"] }]);
  const relay = await startLocal({
    assembly,
    stationCas: authority.ca,
    samFolder: folder,
    idleSocketMs: IDLE_SOCKET_MS,
    limits: { idleMs: IDLE_STATION_MS },
    emptyFrames,
    onLog: () => {},
  });
  const { certificateEndpoint } = relay;
  return {
    target: {
      name: "the local stack",
      apiUrl: relay.apiUrl,
      stationUrl: `${relay.stationUrl}/ocpp`,
      token: await fetchToken(relay.apiUrl, "demo", "demo-secret"),
      schedules: schedulesOf(
        new SchedulerClient({
          region: "us-east-1",
          endpoint: relay.endpoints.scheduler,
          credentials: { accessKeyId: "verify", secretAccessKey: "verify" },
        }),
        timerVariables(folder),
      ),
      waits: {
        quiet: 300,
        schedule: 10_000,
        frozen: 2 * IDLE_SOCKET_MS,
        pings: { every: IDLE_STATION_MS / 10, total: IDLE_STATION_MS * 1.3 },
      },
      ...(certificateEndpoint && {
        certificate: { ...station, ca: certificateEndpoint.serverCa, url: `${certificateEndpoint.url}/ocpp` },
      }),
    },
    async close() {
      await relay.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Of the one function that sets timers for the API. */
function timerVariables(folder: string): TimerVariables {
  const all: Record<string, TimerVariables> = JSON.parse(readFileSync(join(folder, "env.json"), "utf8"));
  const found = Object.values(all).find((variables) => variables.EXPIRY_FUNCTION_ARN !== undefined);
  if (found === undefined) throw new Error("no function of the template sets timers");
  return found;
}
