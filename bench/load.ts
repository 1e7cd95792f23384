/**
 * Stations and callers, in a process of their own: raw WebSockets and keep-alive HTTP connections, which cost as
 * little as can be, the same for whatever is measured.
 */
import { Agent, request } from "node:http";
import { WebSocket } from "ws";
import { serve } from "./children.ts";

/** What is measured, behind its two endpoints. */
export interface Endpoints {
  /** The identity is appended. */
  readonly stationUrl: string;
  readonly apiUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<CommandKind, CommandRequest>>;
}

export type CommandKind = "configuration" | "raw" | "attempt";

interface CommandRequest {
  /** `{identity}` in it is the station's. */
  readonly path: string;
  readonly body: string;
}

/** What an answer contains that is the station's; the answer to an attempt comes before the station's. */
const SIGNS: Readonly<Record<CommandKind, string>> = {
  configuration: "HeartbeatInterval",
  raw: "HeartbeatInterval",
  attempt: "",
};

interface Subject extends Endpoints {
  readonly stations: Station[];
  readonly agent: Agent;
}

/**
 * An OCPP 1.6 station that answers every CALL after a while: with its configuration, a remote start with Rejected, a
 * reset with Accepted.
 */
interface Station {
  readonly identity: string;
  /** Sends a Heartbeat, and resolves when it is answered. */
  heartbeat(): Promise<void>;
  /** Resolves when the station has answered its next CALL. */
  nextAnswer(): Promise<void>;
  close(): void;
}

const CONFIGURATION = { configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: "300" }] };
const STATUSES: Readonly<Record<string, string>> = { RemoteStartTransaction: "Rejected", Reset: "Accepted" };

let answerDelayMs = 0;
/** How often a station got a CALL before it had answered the one before, since the last look. */
let overlaps = 0;

async function connectStation(url: string, identity: string, password: string): Promise<Station> {
  const authorization = `Basic ${btoa(`${identity}:${password}`)}`;
  const socket = new WebSocket(`${url}/${identity}`, ["ocpp1.6"], { headers: { authorization } });
  let outstanding = 0;
  let sent = 0;
  let answered = () => {};
  let hasAnswered = () => {};
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString());
    // API Gateway's own error object
    if (!Array.isArray(frame)) throw new Error(`${identity} got ${data}`);
    const [type, messageId, ...rest] = frame;
    if (type === 3 && rest[0].currentTime) return answered();
    if (type !== 2) throw new Error(`${identity} got ${data}`);
    if (outstanding > 0) overlaps += 1;
    outstanding += 1;
    const answer = () => {
      outstanding -= 1;
      const status = STATUSES[rest[0]];
      socket.send(JSON.stringify([3, messageId, status === undefined ? CONFIGURATION : { status }]));
      hasAnswered();
    };
    if (answerDelayMs === 0) answer();
    else setTimeout(answer, answerDelayMs);
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    identity,
    heartbeat: () =>
      new Promise((resolve) => {
        answered = resolve;
        sent += 1;
        socket.send(JSON.stringify([2, `heartbeat-${sent}`, "Heartbeat", {}]));
      }),
    nextAnswer: () =>
      new Promise((resolve) => {
        hasAnswered = resolve;
      }),
    close: () => socket.terminate(),
  };
}

const subjects = new Map<string, Subject>();

async function connect(
  name: string,
  endpoints: Endpoints,
  identities: string[],
  password: string,
): Promise<void> {
  const stations = await Promise.all(
    identities.map((identity) => connectStation(endpoints.stationUrl, identity, password)),
  );
  subjects.set(name, { ...endpoints, stations, agent: new Agent({ keepAlive: true }) });
}

function subjectOf(name: string): Subject {
  const subject = subjects.get(name);
  if (subject === undefined) throw new Error(`${name} is not connected`);
  return subject;
}

/** One command; its round trip in milliseconds. @throws where the answer is not the station's */
function command(
  { apiUrl, commands, headers, agent }: Subject,
  { identity }: Station,
  kind: CommandKind,
): Promise<number> {
  const { path, body } = commands[kind];
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": body.length, ...headers },
    };
    const sending = request(apiUrl + path.replace("{identity}", identity), options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) < 300 && text.includes(SIGNS[kind]))
          resolve(performance.now() - startedAt);
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    });
    sending.on("error", reject).end(body);
  });
}

/** One caller, one command after the other to the same station. */
async function roundTrips(
  name: string,
  kind: CommandKind,
  calls: number,
  delayMs: number,
): Promise<number[]> {
  const subject = subjectOf(name);
  const [station] = subject.stations;
  if (station === undefined) throw new Error("no station is connected");
  answerDelayMs = delayMs;
  const tookMs: number[] = [];
  while (tookMs.length < calls) {
    // An attempt is answered before its CALL is sent; those that wait for their CALL are limited.
    const answered = station.nextAnswer();
    tookMs.push(await command(subject, station, kind));
    await answered;
  }
  return tookMs;
}

/** What was done again and again for a while. */
export interface Rate {
  readonly done: number;
  readonly perSecond: number;
}

async function rateOf(workers: readonly (() => Promise<unknown>)[], forMs: number): Promise<Rate> {
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    workers.map(async (work) => {
      while (performance.now() - startedAt < forMs) {
        await work();
        done += 1;
      }
    }),
  );
  return { done, perSecond: (done * 1000) / (performance.now() - startedAt) };
}

/** All stations, each with so many callers who send one command after the other. */
async function commandRate(name: string, callers: number, delayMs: number, forMs: number): Promise<Rate> {
  const subject = subjectOf(name);
  answerDelayMs = delayMs;
  const workers = subject.stations.flatMap((station) =>
    Array.from({ length: callers }, () => () => command(subject, station, "configuration")),
  );
  return await rateOf(workers, forMs);
}

/** All stations, each of which sends a Heartbeat as soon as the one before is answered. */
async function heartbeatRate(name: string, forMs: number): Promise<Rate> {
  const { stations } = subjectOf(name);
  return await rateOf(
    stations.map((station) => station.heartbeat),
    forMs,
  );
}

/** See {@link overlaps}; counts from 0 again. */
async function takeOverlaps(): Promise<number> {
  const seen = overlaps;
  overlaps = 0;
  return seen;
}

/** How a fleet connected. */
export interface Connected {
  /** From the first handshake to the last. */
  readonly ms: number;
  /** What each handshake took. */
  readonly tookMs: readonly number[];
  readonly refused: number;
}

const none = { path: "", body: "" };
const NO_CALLERS = { apiUrl: "", headers: {}, commands: { configuration: none, raw: none, attempt: none } };

const fleets = new Map<string, { readonly url: string; readonly stations: readonly FleetStation[] }>();

interface FleetStation {
  readonly identity: string;
  readonly password: string;
}

/**
 * Connects all stations of a fleet at once. A station that is refused does not try again.
 *
 * @param callers the API that commands are sent by. @default the fleet gets none
 */
async function connectFleet(
  name: string,
  url: string,
  stations: FleetStation[],
  callers: Omit<Endpoints, "stationUrl"> = NO_CALLERS,
): Promise<Connected> {
  fleets.set(name, { url, stations });
  const startedAt = performance.now();
  const tookMs: number[] = [];
  const connected: Station[] = [];
  let refused = 0;
  await Promise.all(
    stations.map(async ({ identity, password }) => {
      const since = performance.now();
      try {
        connected.push(await connectStation(url, identity, password));
        tookMs.push(performance.now() - since);
      } catch {
        refused += 1;
      }
    }),
  );
  const agent = new Agent({ keepAlive: true });
  subjects.set(name, { ...callers, stationUrl: url, stations: connected, agent });
  return { ms: performance.now() - startedAt, tookMs, refused };
}

/** Cuts all connections of a fleet and connects all its stations again at the same moment. */
async function reconnectFleet(name: string): Promise<Connected> {
  const fleet = fleets.get(name);
  if (fleet === undefined) throw new Error(`${name} is not connected`);
  for (const station of subjectOf(name).stations) station.close();
  return await connectFleet(name, fleet.url, [...fleet.stations]);
}

/** Single commands of callers who send one after the other. */
export interface Singles {
  readonly ms: number;
  readonly tookMs: readonly number[];
  /** How many were refused by 429. */
  readonly refused: number;
}

/** Each station gets single commands from one caller while `goesOn`. A caller that gets 429 waits, as Retry-After says. */
async function singlesWhile(name: string, goesOn: () => boolean): Promise<Singles> {
  const subject = subjectOf(name);
  const startedAt = performance.now();
  const tookMs: number[] = [];
  let refused = 0;
  await Promise.all(
    subject.stations.map(async (station) => {
      while (goesOn()) {
        try {
          tookMs.push(await command(subject, station, "configuration"));
        } catch (error) {
          if (!String(error).includes(": 429 ")) throw error;
          refused += 1;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }),
  );
  return { ms: performance.now() - startedAt, tookMs, refused };
}

const RETRY_MS = 1000;

async function singleCommands(name: string, delayMs: number, forMs: number): Promise<Singles> {
  answerDelayMs = delayMs;
  const until = performance.now() + forMs;
  return await singlesWhile(name, () => performance.now() < until);
}

/** What became of a bulk command. */
export interface BulkEnd {
  readonly ms: number;
  readonly parallel: number;
  readonly counts: Readonly<Record<"total" | "accepted", number>>;
  /** Single commands to other stations in that time. */
  readonly during: Singles;
}

const BULK = "/remote_commands/bulk";
const LOOK_MS = 500;

/** Resets stations by a bulk command, and sends single commands to the stations of `name` until it has ended. */
async function bulkReset(name: string, delayMs: number, ids: string[]): Promise<BulkEnd> {
  answerDelayMs = delayMs;
  const { apiUrl, headers } = subjectOf(name);
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(apiUrl + path, {
      ...init,
      headers: { ...headers, "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Pick<BulkEnd, "counts" | "parallel"> & {
      readonly bulkId: string;
      readonly completedAt?: string;
    };
  };
  const startedAt = performance.now();
  const body = { command: "reset", input: { type: "Soft" }, stations: { ids } };
  const { bulkId, parallel } = await ask(BULK, { method: "POST", body: JSON.stringify(body) });
  let isOver = false;
  const singles = singlesWhile(name, () => !isOver);
  const ended = (async () => {
    try {
      for (;;) {
        const { completedAt, counts } = await ask(`${BULK}/${bulkId}`);
        if (completedAt !== undefined) return { ms: performance.now() - startedAt, counts };
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } finally {
      isOver = true;
    }
  })();
  const [{ ms, counts }, during] = await Promise.all([ended, singles]);
  return { ms, counts, parallel, during };
}

const requests = {
  singleCommands,
  bulkReset,
  connect,
  connectFleet,
  reconnectFleet,
  roundTrips,
  commandRate,
  heartbeatRate,
  takeOverlaps,
};
export type LoadRequests = typeof requests;
serve(requests);
