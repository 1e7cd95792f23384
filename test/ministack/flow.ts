import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { ORIGIN_SECRET_HEADER } from "../../shared/handshake/origin-secret.ts";

/** What deploy.py prints. */
export interface Deployed {
  readonly resources: number;
  readonly leftOut: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly clientSecret: string;
  /** Of the basic station endpoint: MiniStack's CloudFront carries no WebSocket. */
  readonly originSecret: string;
  readonly remoteApi: string;
  readonly stationApi: string;
}

type Frame = [type: number, messageId: string, ...rest: unknown[]];
interface Response {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each step states the type of a response
  readonly body: any;
}
type Call = (method: string, path: string, body?: object) => Promise<Response>;

const WITHIN_MS = 20_000;

/** Token, registration, handshakes, a boot, a command and an attempt. @throws AssertionError */
export async function runFlow(
  endpoint: string,
  deployed: Deployed,
  onStep: (step: string) => void,
): Promise<void> {
  const token = await tokenOf(endpoint, deployed);
  onStep("the user pool gives the operator a token");
  const call: Call = async (method, path, body) => {
    // The host name's own form needs DNS; this one is MiniStack's.
    const response = await fetch(`${endpoint}/_aws/execute-api/${deployed.remoteApi}/$default${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const registered = await call("POST", "/stations", {
    identity: "CP7",
    connectors: [{ connectorId: 1 }],
    defaultProtocol: "ocpp1.6",
  });
  equal(registered.status, 201, JSON.stringify(registered.body));
  const { password, connectors } = registered.body;
  onStep("POST /stations registers a station");

  const url = `${endpoint.replace("http", "ws")}/_aws/execute-api/${deployed.stationApi}/station?${new URLSearchParams(
    { identity: "CP7", networkId: "default", source: "203.0.113.7" },
  )}`;
  const connect = (secret: string) => connectStation(url, deployed.originSecret, secret);
  await connect("wrong-password-123").then(
    () => ok(false, "a wrong password connects"),
    // 401 on AWS; MiniStack has 500 for the error `Unauthorized`.
    ({ message }) => ok(/response: (401|500)/.test(message), message),
  );
  onStep("the authorizer refuses a wrong password");
  const station = await connect(password);
  onStep("the authorizer and $connect accept the station");
  try {
    await useStation(station, call, connectors[0].connectorUuid, onStep);
  } finally {
    station.socket.terminate();
  }
}

async function useStation(
  station: Station,
  call: Call,
  connectorUuid: string,
  onStep: (step: string) => void,
) {
  station.send([2, "boot", "BootNotification", { chargePointVendor: "V", chargePointModel: "M" }]);
  const [type, id, answer] = await station.next();
  deepEqual([type, id, (answer as { status: string }).status], [3, "boot", "Accepted"]);
  onStep("BootNotification is answered, by @connections");

  const reset = call("POST", "/remote_commands/synchronous/CP7/reset", { type: "Soft" });
  const [, resetId, action] = await Promise.race([station.next(), failed(reset)]);
  equal(action, "Reset");
  station.send([3, resetId, { status: "Accepted" }]);
  const { status, body } = await reset;
  equal(status, 200, JSON.stringify(body));
  equal(body.status, "Accepted");
  onStep("a command returns the station's answer");

  const attempt = { cpId: "CP7", connectorUuid, idTag: "TAG" };
  const path = "/remote_commands/asynchronous/remote_start_attempt";
  const created = await call("POST", path, attempt);
  equal(created.status, 201, JSON.stringify(created.body));
  const [, startId, start] = await station.next();
  equal(start, "RemoteStartTransaction");
  station.send([3, startId, { status: "Accepted" }]);
  const until = performance.now() + WITHIN_MS;
  let state = "";
  while (state !== "accepted" && performance.now() < until) {
    state = (await call("GET", `${path}/${created.body.id}`)).body.state;
    await sleep(200);
  }
  equal(state, "accepted");
  onStep("an attempt is sent by background-command, timed by Scheduler, and accepted");
}

/** Rejects when a request ends with a failure. */
async function failed(request: Promise<Response>): Promise<never> {
  const { status, body } = await request;
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`);
  return await new Promise<never>(() => {});
}

async function tokenOf(endpoint: string, { outputs, clientSecret }: Deployed): Promise<string> {
  const response = await fetch(`${endpoint}/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${outputs.ClientIdoperator}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  equal(response.status, 200);
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Station {
  readonly socket: WebSocket;
  send(frame: Frame): void;
  next(): Promise<Frame>;
}

/**
 * As the station endpoint's distribution connects a station: with the parameters and the origin secret. No version is
 * offered, because MiniStack does not send the subprotocol that $connect returns.
 */
async function connectStation(url: string, originSecret: string, password: string): Promise<Station> {
  const socket = new WebSocket(url, {
    headers: {
      authorization: `Basic ${btoa(`CP7:${password}`)}`,
      [ORIGIN_SECRET_HEADER]: originSecret,
    },
  });
  const frames: Frame[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(String(data))));
  await once(socket, "open", { signal: AbortSignal.timeout(WITHIN_MS) });
  return {
    socket,
    send: (frame) => socket.send(JSON.stringify(frame)),
    async next() {
      const until = performance.now() + WITHIN_MS;
      while (performance.now() < until) {
        const frame = frames.shift();
        if (frame) return frame;
        await sleep(20);
      }
      throw new Error("no frame came");
    },
  };
}
