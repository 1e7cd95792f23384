/** The HTTP side of a connection: what the client asked for, and how it is refused. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { splitOnce } from "../http/event.ts";

/** A handshake as the WebSocket API's events describe it. */
export interface HandshakeRequest {
  /** The path, percent-encoded as it came. */
  readonly path: string;
  /** Names as they were sent; of several values the last one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>>;
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

export function headerList({ rawHeaders }: IncomingMessage): HeaderList {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return list;
}

export function handshakeRequest(url: string, headers: HeaderList): HandshakeRequest {
  const [path, query = ""] = splitOnce(url, "?");
  const multiValueHeaders = grouped(headers);
  const multiValueQueryStringParameters = grouped([...new URLSearchParams(query)]);
  return {
    path,
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: lastOf(multiValueQueryStringParameters),
    multiValueQueryStringParameters,
  };
}

function grouped(pairs: Iterable<readonly [string, string]>): Record<string, string[]> {
  // Without a prototype: clients choose the names, and `constructor` is one like any other.
  const groups: Record<string, string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    groups[name] ??= [];
    groups[name].push(value);
  }
  return groups;
}

function lastOf(groups: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

/** RFC 6455 §4.2.1; the key is 16 bytes in base64. */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === "GET" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")
  );
}

export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers the upgrade with a status of its own instead of 101, and ends the connection. */
export function refuse(socket: Duplex, { status, reason, headers = {}, body = "" }: Refusal): void {
  const lines = [
    `HTTP/1.1 ${status} ${reason ?? reasons[status] ?? ""}`.trimEnd(),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** In API Gateway's own words. */
export function refuseWith(socket: Duplex, status: number, message: object): void {
  const headers = { "Content-Type": "application/json" };
  refuse(socket, { status, headers, body: JSON.stringify(message) });
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};
