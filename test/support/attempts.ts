import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { LocalOptions } from "../../local/relay.ts";
import type { StationOptions } from "../../local/stations/station.ts";
import { type ApiAnswer, type ApiCall, type RelayUnderTest, startRelay, until } from "./relay.ts";

const ROOT = "/remote_commands/asynchronous";

/** The whole relay, with what tests of remote start attempts ask it for. */
export interface AttemptsUnderTest extends RelayUnderTest {
  attempt(body: object, options?: ApiCall): Promise<ApiAnswer>;
  readAttempt(id: string): Promise<ApiAnswer>;
  /** The attempt, as soon as it is in this state. */
  becomes(id: string, state: string): Promise<ApiAnswer["body"]>;
  remoteStop(body: object): Promise<ApiAnswer>;
  /** What became of a command, as soon as it is not pending any more. */
  reference(location: string | null): Promise<ApiAnswer["body"]>;
  /** The names of all schedules. */
  schedules(): Promise<string[]>;
  /** Resolves when there is none. */
  noSchedules(): Promise<void>;
  /** As if they had never been made. */
  forgetSchedules(): Promise<void>;
  /** Moves the clock of the relay and of its stations. */
  advance(minutes: number): void;
  /** Waits until no background function is at work and no slot is taken. */
  settle(): Promise<void>;
}

export async function startAttempts(options: Partial<LocalOptions> = {}): Promise<AttemptsUnderTest> {
  const relay = await startRelay(options);
  const scheduler = new SchedulerClient({
    endpoint: relay.local.endpoints.scheduler,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const schedules = async () => (await scheduler.send(new ListSchedulesCommand({}))).Schedules ?? [];
  let aheadMs = 0;
  const connectedStation = relay.station.bind(relay);
  const readAttempt = (id: string) => relay.get(`${ROOT}/remote_start_attempt/${id}`);
  return Object.assign(relay, {
    station: (identity: string, options: Partial<StationOptions> = {}, about: object = {}) =>
      connectedStation(identity, { now: () => Date.now() + aheadMs, ...options }, about),
    advance: (minutes: number) => {
      aheadMs += minutes * 60_000;
      relay.local.advanceClock(minutes * 60_000);
    },
    attempt: (body: object, options?: ApiCall) => relay.post(`${ROOT}/remote_start_attempt`, body, options),
    readAttempt,
    becomes: (id: string, state: string) =>
      until(async () => {
        const { body } = await readAttempt(id);
        return body.state === state && body;
      }),
    remoteStop: (body: object) => relay.post(`${ROOT}/remote_stop`, body),
    reference: (location: string | null) =>
      until(async () => {
        const { body } = await relay.get(location ?? "");
        return body.status !== "Pending" && body;
      }),
    schedules: async () => (await schedules()).map(({ Name }) => Name as string),
    noSchedules: () => until(async () => (await schedules()).length === 0).then(() => {}),
    forgetSchedules: async () => {
      // one that has fired meanwhile is forgotten, too
      for (const { Name, GroupName } of await schedules())
        await scheduler.send(new DeleteScheduleCommand({ Name, GroupName })).catch((error) => {
          if (error.name !== "ResourceNotFoundException") throw error;
        });
    },
    settle: () =>
      until(async () => {
        const { invocations } = relay.local.metrics().functions["background-command"] ?? {};
        await new Promise((resolve) => setTimeout(resolve, 300));
        const later = relay.local.metrics().functions["background-command"]?.invocations;
        return invocations === later && (await relay.get("/networks/default")).body.inUse === 0;
      }).then(() => {}),
  });
}
