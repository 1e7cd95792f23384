import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, inject } from "vitest";
import { type LocalOptions, type LocalRelay, startLocal } from "../../local/relay.ts";
import { fetchToken } from "../../local/stations/registration.ts";
import { connectStation, type Station, type StationOptions } from "../../local/stations/station.ts";
import { openTable, type Table } from "../../shared/store/table.ts";
import { runningEngine } from "./engine.ts";
import { connectRaw, type RawStation } from "./raw-station.ts";
import { keepReport } from "./rights-report.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type of a response
  readonly body: any;
}

export interface ApiCall {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the client `demo`; null: none */
  readonly token?: string | null;
}

/** The whole relay on this machine, as the end-to-end tests use it: two endpoints and nothing behind them. */
export class RelayUnderTest {
  readonly local: LocalRelay;
  readonly token: string;
  /** Straight to the table, for what no endpoint shows and for setting its clocks. */
  readonly table: Table;
  /** The table of password hashes. */
  readonly passwords: Table;
  readonly #stations: { close(): Promise<void> }[] = [];
  /** The test that registered each station: the repetition of a failed test in CI begins with new stations. */
  readonly #registeredBy = new Map<string, string>();
  readonly #dynamodb: DynamoDBClient;

  constructor(local: LocalRelay, token: string, dynamodb: DynamoDBClient, names: TableNames) {
    this.local = local;
    this.token = token;
    this.#dynamodb = dynamodb;
    this.table = openTable(names.state, dynamodb);
    this.passwords = openTable(names.passwords, dynamodb);
  }

  /** A token of the other client that there is. */
  otherToken = (): Promise<string> => fetchToken(this.local.apiUrl, "other", "other-secret");

  /** A token with fewer scopes than the client may have. */
  async narrowToken(scope: string, client: "demo" | "other" = "demo"): Promise<string> {
    const response = await fetch(`${this.local.apiUrl}/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${client}:${client}-secret`)}` },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope: scope.replace(/(^| )(?!ocpp-relay\/)/g, "$1ocpp-relay/"),
      }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async call(
    method: string,
    path: string,
    { body, headers = {}, token = this.token }: ApiCall = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(this.local.apiUrl + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  get = (path: string, options?: ApiCall) => this.call("GET", path, options);
  post = (path: string, body?: unknown, options?: ApiCall) => this.call("POST", path, { body, ...options });

  /** Sends one of the synchronous commands. */
  command = (station: string, command: string, body?: unknown, options?: ApiCall) =>
    this.post(`/remote_commands/synchronous/${encodeURIComponent(station)}/${command}`, body, options);

  /** Registers a station. @returns its password */
  async register(identity: string, about: object = {}, options?: ApiCall): Promise<string> {
    const test = expect.getState().currentTestName;
    const before = this.#registeredBy.get(identity);
    const isRepetition = test !== undefined && before === test;
    if (isRepetition) await this.call("DELETE", `/stations/${encodeURIComponent(identity)}`, options);
    if (test !== undefined) this.#registeredBy.set(identity, test);
    const { status, body } = await this.post("/stations", { identity, ...about }, options);
    if (status !== 201) throw new Error(`registering ${identity}: ${status} ${JSON.stringify(body)}`);
    return body.password;
  }

  /** Registers a simulated station, connects it, and boots it. */
  async station(
    identity: string,
    options: Partial<StationOptions> = {},
    about: object = {},
  ): Promise<Station> {
    const password = await this.register(identity, about);
    const station = await connectStation({
      url: `${this.local.stationUrl}/ocpp`,
      identity,
      password,
      stepMs: 10,
      ...options,
    });
    this.#stations.push(station);
    return station;
  }

  /** Registers a station and connects it without manners. */
  async rawStation(
    identity: string,
    about: object = {},
  ): Promise<RawStation & { readonly password: string }> {
    const password = await this.register(identity, about);
    return Object.assign(await this.connectRaw(identity, password), { password });
  }

  /** Connects a station that is registered already. */
  async connectRaw(
    identity: string,
    password: string,
    protocols: readonly string[] = ["ocpp1.6"],
  ): Promise<RawStation> {
    const station = await connectRaw(`${this.local.stationUrl}/ocpp/${encodeURIComponent(identity)}`, {
      identity,
      password,
      protocols,
    });
    this.#stations.push({ close: () => station.close({ abrupt: true }) });
    return station;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#stations.map((station) => station.close()));
    this.#dynamodb.destroy();
    keepReport(inject("assembly"), this.local.rights());
    await this.local.close();
  }
}

/** Whether the run's stack answers stations by route responses: then there are no posts of answers to be counted. */
export const answersByRoute: boolean = process.env.STATION_ANSWERS === "route";

/** Starts the stack that the test run synthesized, on the engine that the test run has. */
export async function startRelay(options: Partial<LocalOptions> = {}): Promise<RelayUnderTest> {
  const local = await startLocal({
    assembly: inject("assembly"),
    onLog: () => {},
    ...(process.env.IDLE_SOCKET_SECONDS && { idleSocketMs: Number(process.env.IDLE_SOCKET_SECONDS) * 1000 }),
    emptyFrames: process.env.EMPTY_FRAMES === "1",
    // except where hashes pass from one process to another
    cheapScrypt: options.dataDir === undefined && options.samFolder === undefined,
    ...(runningEngine && { dynamodbEndpoint: runningEngine }),
    ...options,
  });
  const token = await fetchToken(local.apiUrl, "demo", "demo-secret");
  const dynamodb = new DynamoDBClient({
    endpoint: local.endpoints.dynamodb,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    // A test may pause longer than sockets may be idle; the functions' clients have to cope, not this one.
    requestHandler: { httpAgent: { keepAlive: false } },
  });
  return new RelayUnderTest(local, token, dynamodb, await tableNames(local, dynamodb));
}

interface TableNames {
  readonly state: string;
  readonly passwords: string;
}

/** The tables of secrets are those without an index. */
async function tableNames(local: LocalRelay, dynamodb: DynamoDBClient): Promise<TableNames> {
  const names: { state?: string; passwords?: string } = {};
  for (const TableName of local.tableNames) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (Table?.GlobalSecondaryIndexes) names.state = TableName;
    else if (TableName.includes("password")) names.passwords = TableName;
  }
  return { state: String(names.state), passwords: String(names.passwords) };
}

/**
 * Polls until something holds; the test's own time-out is the limit. Between looks that are requests the pauses grow
 * from 10 to 100 ms: a request takes the processor from what is waited for.
 */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (let pauseMs = 10; ; ) {
    const looking = look();
    const seen = await looking;
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (looking instanceof Promise) pauseMs = Math.min(pauseMs * 1.3, 100);
  }
}
