/** What stations and callers do, one operation each, against the stack on this machine. */
import { createServer } from "node:http";
import { listen, stop } from "../../local/listen.ts";
import { type LocalRelay, startLocal } from "../../local/relay.ts";
import { fetchToken, registerStation } from "../../local/stations/registration.ts";
import { connectStation, type Station } from "../../local/stations/station.ts";

export interface World {
  readonly relay: LocalRelay;
  readonly station: Station;
  /** The address of a receiver of webhooks that answers at once. */
  readonly receiverUrl: string;
  /** Bytes that the functions have written to their logs. */
  loggedBytes(): number;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: the response of whatever was asked
export type Answer = any;

/**
 * An OCPP 1.6 station that accepts everything and does nothing by itself.
 *
 * @param stationMs how long it takes to answer a CALL: a function looks for the answer meanwhile, which are reads
 */
export async function startWorld(assembly: string, stationMs: number): Promise<World> {
  let logged = 0;
  const relay = await startLocal({
    assembly,
    onLog: ({ source, text }) => {
      if (source === "function") logged += Buffer.byteLength(text);
    },
  });
  const token = await fetchToken(relay.apiUrl, "demo", "demo-secret");
  const identity = "COSTS";
  const password = await registerStation(relay.apiUrl, token, { identity });
  const accept = () => ({ status: "Accepted" });
  const station = await connectStation({
    url: `${relay.stationUrl}/ocpp`,
    identity,
    ...(password !== undefined && { password }),
    boot: false,
    answerDelayMs: stationMs,
    handlers: {
      Reset: accept,
      ClearCache: accept,
      ChangeConfiguration: accept,
      RemoteStartTransaction: accept,
      RemoteStopTransaction: accept,
      UnlockConnector: () => ({ status: "Unlocked" }),
    },
  });
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(relay.apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const receiver = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(204).end());
  });
  const receiverUrl = await listen(receiver, 0);
  await call("PUT", "/rates/day", { currency: "EUR", priceText: "0.45 €/kWh" });
  await call("PATCH", `/stations/${identity}`, { rateId: "day" });
  // the station reports its connectors, so that commands find them
  await station.call("StatusNotification", {
    connectorId: 1,
    errorCode: "NoError",
    status: "Available",
  });
  return {
    relay,
    station,
    receiverUrl,
    loggedBytes: () => logged,
    call,
    async close() {
      await station.close();
      await relay.close();
      await stop(receiver);
    },
  };
}

export interface Operation {
  /** CALLs that the station sends in it, each of which is answered. */
  readonly stationCalls: number;
  /** Requests to the remote API. */
  readonly httpRequests: number;
  /** Handshakes through CloudFront. */
  readonly handshakes: number;
  /** Whether a function waits while the station thinks. */
  readonly waits: boolean;
  /** Requests to receivers of webhooks. */
  readonly deliveries?: number;
  /** What has to be there before it, uncounted. */
  prepare?(world: World): Promise<unknown>;
  run(world: World, prepared: Answer): Promise<unknown>;
}

const fromStation = (action: string, payload: () => Record<string, unknown>): Operation => ({
  stationCalls: 1,
  httpRequests: 0,
  handshakes: 0,
  waits: false,
  run: ({ station }) => station.call(action, payload()),
});

const command = (path: string, body?: object): Operation => ({
  stationCalls: 0,
  httpRequests: 1,
  handshakes: 0,
  waits: true,
  run: ({ call }) => call("POST", path, body),
});

const now = () => new Date().toISOString();
const synchronous = "/remote_commands/synchronous/COSTS";
const asynchronous = "/remote_commands/asynchronous";
const start = { connectorId: 1, idTag: "0A1B2C3D", meterStart: 0 };
const startTransaction = ({ station }: World, idTag = start.idTag): Promise<Answer> =>
  station.call("StartTransaction", { ...start, idTag, timestamp: now() });
const stopTransaction = ({ station }: World, { transactionId }: Answer) =>
  station.call("StopTransaction", { transactionId, meterStop: 9000, timestamp: now() });

let tag = 0;

const dataTransfer = fromStation("DataTransfer", () => ({
  vendorId: "Vendor",
  messageId: "state",
  data: "1",
}));

/** The webhook of the events of `DataTransfer`. */
const webhook = ({ call, receiverUrl }: World, enabled: boolean) =>
  call("PUT", "/webhooks/costs", { url: receiverUrl, events: ["station.dataTransfer"], enabled });

export const operations = {
  Heartbeat: fromStation("Heartbeat", () => ({})),
  reconnect: {
    stationCalls: 0,
    httpRequests: 0,
    handshakes: 1,
    waits: false,
    run: async ({ station }) => {
      await station.disconnect();
      await station.reconnect();
    },
  },
  BootNotification: fromStation("BootNotification", () => ({
    chargePointVendor: "Vendor",
    chargePointModel: "Model",
    firmwareVersion: "1.0.0",
  })),
  StatusNotification: fromStation("StatusNotification", () => ({
    connectorId: 1,
    errorCode: "NoError",
    status: "Preparing",
    timestamp: now(),
  })),
  Authorize: fromStation("Authorize", () => ({ idTag: start.idTag })),
  StartTransaction: {
    ...fromStation("StartTransaction", () => ({})),
    // a charge that still ran on the connector would be ended by this one, in writes of its own
    prepare: async (world) => stopTransaction(world, await startTransaction(world)),
    run: (world) => startTransaction(world),
  },
  MeterValues: {
    ...fromStation("MeterValues", () => ({})),
    prepare: (world) => startTransaction(world),
    run: ({ station }, { transactionId }) =>
      station.call("MeterValues", {
        connectorId: 1,
        transactionId,
        meterValue: [
          {
            timestamp: now(),
            sampledValue: [
              { value: "1234", measurand: "Energy.Active.Import.Register", unit: "Wh" },
              { value: "11000", measurand: "Power.Active.Import", unit: "W" },
            ],
          },
        ],
      }),
  },
  DataTransfer: { ...dataTransfer, prepare: (world) => webhook(world, false) },
  /** The same, whose event is sent to a webhook. */
  DataTransfer_with_webhook: {
    ...dataTransfer,
    deliveries: 1,
    prepare: (world) => webhook(world, true),
  },
  StopTransaction: {
    ...fromStation("StopTransaction", () => ({})),
    prepare: (world) => startTransaction(world),
    run: stopTransaction,
  },
  get_configuration: command(`${synchronous}/get_configuration`, { keys: ["HeartbeatInterval"] }),
  change_configurations: command(`${synchronous}/change_configurations`, {
    configurations: [{ key: "HeartbeatInterval", value: "300" }],
  }),
  reset: command(`${synchronous}/reset`, { type: "Soft" }),
  unlock_connector: {
    ...command(""),
    prepare: ({ call }) => call("GET", "/stations/COSTS"),
    run: ({ call }, { connectors: [{ connectorUuid }] }) =>
      call("POST", `${synchronous}/unlock_connector/${connectorUuid}`),
  },
  clear_cache: { ...command(`${asynchronous}/COSTS/clear_cache`), waits: false },
  raw_request: command("/ocpp/v2/raw-request", {
    action: "ClearCache",
    assetId: "COSTS",
    payload: {},
    async: false,
  }),
  sync_rate: command("/ocpp/v2/assets/COSTS/rate-display/sync-rate"),
  /** From the request to the charge that came of it, the station's StartTransaction included. */
  remote_start_attempt: {
    stationCalls: 1,
    httpRequests: 1,
    handshakes: 0,
    waits: false,
    run: async (world) => {
      const idTag = `REMOTE${tag++}`;
      const { id } = await world.call("POST", `${asynchronous}/remote_start_attempt`, {
        cpId: "COSTS",
        idTag,
      });
      const asked = (await world.station.received("RemoteStartTransaction", tag)).payload;
      if (asked.idTag !== idTag) throw new Error(`asked to start ${asked.idTag}`);
      await startTransaction(world, idTag);
      return id;
    },
  },
  remote_stop: {
    ...command(""),
    waits: false,
    prepare: (world) => startTransaction(world),
    run: ({ call }, { transactionId }) =>
      call("POST", `${asynchronous}/remote_stop`, {
        cpId: "COSTS",
        transactionId: String(transactionId),
      }),
  },
  /** To one station: the start of a bulk command, and one station of it. */
  bulk_command: {
    ...command("/remote_commands/bulk", {
      command: "reset",
      input: { type: "Soft" },
      stations: { ids: ["COSTS"] },
    }),
    waits: true,
  },
  read_command: {
    ...command(""),
    waits: false,
    prepare: ({ call }) => call("POST", `${synchronous}/reset`, { type: "Soft" }),
    run: ({ call }, { commandId }) => call("GET", `/remote_commands/${commandId}`),
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations) as OperationName[];
