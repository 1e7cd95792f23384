/** API Gateway's WebSocket API on one machine: handshakes, messages and `@connections`, as the template has them. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "./clock.ts";
import { gatewayId, traceId } from "./ids.ts";
import { invokeWithin, partsOf } from "./integrations.ts";
import { openJournal } from "./journal.ts";
import type { Lambda } from "./lambda/service.ts";
import type { Guard } from "./rights/guard.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";
import type { CertificateEndpoint } from "./websocket/certificate-endpoint.ts";
import type { Connection, Ending } from "./websocket/connection.ts";
import { type Edge, edgesOf } from "./websocket/edge.ts";
import { contextOf, disconnectEvent, messageEvent } from "./websocket/events.ts";
import { watchFrames } from "./websocket/frames.ts";
import { handshakeRequest, headerList, isHandshake, refuse, refuseWith } from "./websocket/handshake.ts";
import { createManagementEndpoint } from "./websocket/management.ts";
import { createOpening, integrationMs } from "./websocket/open.ts";
import { routeSelector, websocketRoutes } from "./websocket/routes.ts";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export interface WebSocketLimits {
  readonly frameBytes: number;
  readonly messageBytes: number;
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

const awsLimits: WebSocketLimits = {
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleMs: 10 * 60_000,
  lifetimeMs: 2 * 60 * 60_000,
};

export interface WebSocketApiOptions {
  readonly template: Template;
  readonly api: Resource;
  readonly lambda: Lambda;
  readonly clock: Clock;
  /** Shorter or smaller ones for tests. @default API Gateway's */
  readonly limits?: Partial<WebSocketLimits>;
  /** TLS with client certificates, for the distribution that asks for them. @default that one is not served */
  readonly certificateEndpoint?: CertificateEndpoint;
  /**
   * Sends an empty text frame where a route response has no body. API Gateway's documentation does not describe this
   * case; https://github.com/serverless/serverless/issues/6816 reports an empty message. @default false
   */
  readonly emptyFrames?: boolean;
  /** The roles whose rights are enforced at `@connections`. @default none */
  readonly guard?: Guard;
  /** Keeps the list of open connections in this folder, so that a killed process reports their end. */
  readonly dataDir?: string;
}

export interface WebSocketApi {
  /** What clients connect to: the distribution's endpoint, or the API's own where there is no distribution. */
  readonly endpoint: Server;
  /** What clients with a certificate connect to. */
  readonly certificateEndpoint?: Server;
  /** The API's own address, which no distribution closes: its stage, and `/{stage}/@connections/{id}`. */
  readonly management: Server;
  posts(): number;
  resetMetrics(): void;
  /** Invokes $disconnect for the connections that ended with the process before. */
  reportLost(): Promise<void>;
  /** Cuts all connections off, without a word to clients or functions. */
  close(): void;
}

const ended: Readonly<Record<number, string>> = {
  1001: "Going away",
  1005: "Client-side close frame status not set",
  1006: "Connection closed abnormally",
};

export function createWebSocketApi(options: WebSocketApiOptions): WebSocketApi {
  const { template, api, lambda, clock } = options;
  const limits = { ...awsLimits, ...options.limits };
  const [stage] = partsOf(template, api, "AWS::ApiGatewayV2::Stage");
  if (stage === undefined) throw new UnservableTemplate(`API ${api.constructId} has no stage`);
  const apiId = template.ref(api);
  const { region, accountId } = template;
  const domainName = `${apiId}.execute-api.${region}.amazonaws.com`;
  const facts = { apiId, stage: template.ref(stage), domainName, region, accountId };
  const routes = websocketRoutes(template, api, lambda);
  const select = routeSelector(template.property<string>(api, "RouteSelectionExpression") ?? "", routes);
  const decide = createOpening(facts, routes.get("$connect"), clock);
  const edges = edgesOf(template, domainName);
  const certificateEdge = edges.find(({ wantsCertificate }) => wantsCertificate);
  if (options.certificateEndpoint && !certificateEdge) {
    throw new UnservableTemplate("The template has no distribution that asks for client certificates");
  }

  const connections = new Map<string, Connection>();
  const { dataDir } = options;
  const journal = openJournal<Connection>(dataDir && join(dataDir, "connections"), "connections.jsonl");
  const lost = [...journal.entries.values()];
  /** Sockets whose handshake is being decided. */
  const opening = new Set<Duplex>();
  let posts = 0;
  let closed = false;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
  });
  const noUpgrade: RequestListener = (_request, response) =>
    void response.writeHead(426).end("Upgrade Required");
  const endpoint = createServer(noUpgrade);
  const certificateEndpoint = options.certificateEndpoint?.createServer(noUpgrade);
  const management = createManagementEndpoint({
    stage: facts.stage,
    maxMessageBytes: limits.messageBytes,
    apiArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}`,
    ...(options.guard && { guard: options.guard }),
    find: (id) => connections.get(id),
    onPost: () => {
      posts += 1;
    },
  });
  openOn(
    endpoint,
    edges.find(({ wantsCertificate }) => !wantsCertificate),
  );
  if (certificateEndpoint) openOn(certificateEndpoint, certificateEdge);
  openOn(management, undefined);

  /** Takes the handshakes that come to a server, through the distribution if there is one before it. */
  function openOn(server: Server, edge: Edge | undefined): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      opening.add(socket);
      open(edge, request, socket, head)
        .catch((error: unknown) => {
          console.error(error);
          socket.destroy();
        })
        .finally(() => opening.delete(socket));
    });
  }

  async function open(
    edge: Edge | undefined,
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    socket.on("error", () => socket.destroy());
    if (!isHandshake(incoming)) return refuse(socket, { status: 400 });
    const ip = incoming.socket.remoteAddress ?? "127.0.0.1";
    const certificate = edge?.wantsCertificate ? options.certificateEndpoint?.headersOf(incoming) : undefined;
    const viewer = { method: "GET", url: incoming.url ?? "/", headers: headerList(incoming), ip };
    const passed = (await edge?.handle({ ...viewer, ...(certificate && { certificate }) })) ?? {
      status: "forwarded" as const,
      ...viewer,
    };
    if (passed.status === "answered") return refuse(socket, passed.answer);

    const connection: Connection = {
      id: gatewayId(),
      connectedAt: clock.now(),
      openedAt: performance.now(),
      lastActive: performance.now(),
      sourceIp: ip,
      userAgent: incoming.headers["user-agent"],
    };
    const decision = await decide(handshakeRequest(passed.url, passed.headers), connection);
    if (decision.status === "refused") {
      return decision.message === undefined
        ? refuse(socket, { status: decision.code })
        : refuseWith(socket, decision.code, decision.message);
    }
    // The subprotocol is the function's to choose, whatever the client's list looks like.
    delete incoming.headers["sec-websocket-protocol"];
    const addProtocol = (headers: string[]) => {
      if (decision.protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${decision.protocol}`);
    };
    sockets.once("headers", addProtocol);
    // Synchronous; a client that has gone meanwhile gets no WebSocket.
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => start(connection, webSocket, socket));
    sockets.off("headers", addProtocol);
    if (connection.socket === undefined) void disconnected(connection, { code: 1006, reason: "" });
  }

  function start(connection: Connection, socket: WebSocket, stream: Duplex): void {
    connection.socket = socket;
    connections.set(connection.id, connection);
    const { socket: _, ...kept } = connection;
    journal.set(connection.id, kept);
    const tooLarge = () => end(connection, { code: 1009, reason: "Message too big" });
    stream.prependListener("data", watchFrames(limits.frameBytes, tooLarge));
    socket.on("message", (data, isBinary) => void received(connection, data, isBinary));
    socket.on("ping", () => {
      connection.lastActive = performance.now();
    });
    // A protocol error: `ws` has sent the close frame that belongs to it.
    socket.on("error", (error: Error & { code?: string }) => {
      const code = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? 1009 : 1002;
      connection.ending ??= { code, reason: error.message };
    });
    socket.on("close", (code, reason) => {
      connections.delete(connection.id);
      const text = reason.toString();
      void disconnected(
        connection,
        connection.ending ?? { code, reason: text === "" ? (ended[code] ?? "") : text },
      );
    });
  }

  function end(connection: Connection, ending: Ending): void {
    connection.ending = ending;
    connection.socket?.close(ending.code, ending.reason);
  }

  /** The event is on its way before this returns the first time: messages are dispatched in order of arrival. */
  async function received(connection: Connection, data: RawData, isBinary: boolean): Promise<void> {
    if (connection.ending !== undefined) return;
    connection.lastActive = performance.now();
    const body = (data as Buffer).toString(isBinary ? "base64" : "utf8");
    const route = select(body);
    const now = clock.now();
    const context = contextOf(facts, connection, now, route?.key ?? "", "MESSAGE");
    const say = (message: string) =>
      connection.socket?.send(
        JSON.stringify({ message, connectionId: connection.id, requestId: context.requestId }),
      );
    if (route === undefined) return say("Forbidden");
    const event = JSON.stringify(messageEvent(context, body, isBinary));
    const outcome = await invokeWithin(integrationMs, route.fn, event, traceId(now));
    if (outcome.status === "timedOut") return say("Endpoint request timed out");
    const response = outcome.status === "ok" ? JSON.parse(outcome.payload) : null;
    if (typeof response?.statusCode !== "number") return say("Internal server error");
    if (!route.twoWay) return;
    const { body: answer, isBase64Encoded = false } = response;
    if (typeof answer === "string" && answer !== "") {
      connection.socket?.send(isBase64Encoded ? Buffer.from(answer, "base64") : answer);
    } else if (options.emptyFrames) connection.socket?.send("");
  }

  async function disconnected(connection: Connection, ending: Ending): Promise<void> {
    const route = routes.get("$disconnect");
    if (closed) return;
    journal.delete(connection.id);
    if (route === undefined) return;
    const now = clock.now();
    const context = contextOf(facts, connection, now, "$disconnect", "DISCONNECT");
    await route.fn.invoke(JSON.stringify(disconnectEvent(facts, context, ending)), traceId(now));
  }

  /** Idle and old connections are found by looking at all of them: no timer is set for each message. */
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const connection of connections.values()) {
        const over =
          now - connection.lastActive > limits.idleMs || now - connection.openedAt > limits.lifetimeMs;
        if (over && connection.ending === undefined) end(connection, { code: 1001, reason: "Going away" });
      }
    },
    Math.min(limits.idleMs, limits.lifetimeMs, 100_000) / 10,
  ).unref();

  return {
    endpoint,
    ...(certificateEndpoint && { certificateEndpoint }),
    management,
    posts: () => posts,
    resetMetrics: () => {
      posts = 0;
    },
    reportLost: async () => {
      const ending = { code: 1006, reason: ended[1006] ?? "" };
      await Promise.all(lost.splice(0).map((connection) => disconnected(connection, ending)));
    },
    close() {
      closed = true;
      journal.close();
      clearInterval(sweep);
      for (const { socket } of connections.values()) socket?.terminate();
      for (const socket of opening) socket.destroy();
    },
  };
}
