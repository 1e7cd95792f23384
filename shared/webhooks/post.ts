/**
 * Posts to receivers, which may be anywhere and hostile. The name is resolved once, every address is checked, and the
 * connection goes to a checked address only: a second resolution could answer another one. Redirects are not followed.
 */

import { lookup as resolve } from "node:dns/promises";
import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import { isAddress, isLoopbackAddress, isPublicAddress } from "./address.ts";
import { checkTarget, hostOf, type TargetRules } from "./target.ts";

/** How long a receiver has for its answer, name resolution and handshakes included. */
const TIMEOUT_MS = 10_000;

/** What is read of a response's body: its content means nothing. */
const MAX_BODY_BYTES = 4096;
const MAX_HEADER_BYTES = 8192;

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface PosterOptions extends TargetRules {
  readonly clock: Pick<Clock, "now">;
  /** @default the system's resolver */
  readonly lookup?: (host: string) => Promise<readonly Address[]>;
  /** CA certificates to trust instead of the system's. */
  readonly ca?: string;
  /** @default 10 s */
  readonly timeoutMs?: number;
}

/** What came of a request: a status, or an error in words. */
export interface Posted {
  readonly status?: number;
  readonly error?: string;
  readonly durationMs: number;
}

export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Posted>;

/** An error whose message a customer may read. */
class PostError extends Error {}

export function createPost(options: PosterOptions): Post {
  const { clock, timeoutMs = TIMEOUT_MS } = options;
  return async (url, headers, body) => {
    const startedAtMs = clock.now();
    const aborting = new AbortController();
    const timer = setTimeout(
      () => aborting.abort(new PostError(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const outcome = await send(options, { url, headers, body, signal: aborting.signal })
      .then((status) => ({ status }))
      .catch((error: Error) => ({ error: wordsOf(aborting.signal.aborted ? aborting.signal.reason : error) }))
      .finally(() => clearTimeout(timer));
    return { ...outcome, durationMs: Math.max(0, clock.now() - startedAtMs) };
  };
}

interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** @returns the status of the response */
async function send(options: PosterOptions, { url: text, headers, body, signal }: Outgoing): Promise<number> {
  const { allowsLoopback = false, ca } = options;
  const url = checkTarget(text, { allowsLoopback });
  if (typeof url === "string") throw new PostError(`the URL ${url}`);
  const addresses = await orAborted(checkedAddresses(options, hostOf(url)), signal);
  const requestOptions: RequestOptions & { ca?: string } = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "ocpp-relay",
      ...headers,
    },
    agent: false,
    lookup: pinned(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
    ...(ca !== undefined && { ca }),
  };
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((settle, fail) => {
    const outgoing = request(url, requestOptions, (response) => {
      // a body that does not end, or is too long, does not change what the status says
      const done = () => settle(response.statusCode ?? 0);
      outgoing.on("error", done);
      outgoing.off("error", fail);
      let bytes = 0;
      response.on("error", done);
      response.on("close", done);
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) outgoing.destroy();
      });
    });
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}

/** A name resolution cannot be cancelled; nothing waits for it any more. */
const orAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  ]);

/** @throws PostError where one of the addresses is not public */
async function checkedAddresses(
  { lookup = (host) => resolve(host, { all: true }), allowsLoopback = false }: PosterOptions,
  host: string,
): Promise<readonly Address[]> {
  // checkTarget has checked it
  if (isAddress(host)) return [];
  const addresses = await lookup(host).catch(() => []);
  if (addresses.length === 0) throw new PostError("the host name cannot be resolved");
  const isAllowed =
    allowsLoopback && host === "localhost" ? isLoopbackAddress : (one: string) => isPublicAddress(one);
  if (!addresses.every(({ address }) => isAllowed(address)))
    throw new PostError("the host name resolves to an address that is not public");
  return addresses;
}

/** Answers with addresses that were checked, whatever the name resolves to by now. */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, { all, family }, callback) => {
    const wanted = addresses.filter(
      (one) => !family || one.family === Number(String(family).replace("IPv", "")),
    );
    const [first] = wanted;
    if (!first) return callback(new Error("no address of that family"), "", 0);
    if (all) return callback(null, [...wanted]);
    callback(null, first.address, first.family);
  };

/** Only codes of network errors are shown, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function wordsOf(error: Error & { code?: unknown }): string {
  if (error instanceof PostError) return error.message;
  return typeof error.code === "string" ? `the request failed: ${error.code}` : "the request failed";
}
