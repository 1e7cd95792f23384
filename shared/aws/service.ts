/**
 * Requests to an AWS service, without its SDK client. A request through a client costs 0.9 ms of processor time
 * in the first hundred of an execution environment and 0.25 ms for ever after; these cost 0.3 and 0.1, and
 * an environment that needs no client starts in half the time. docs/aws-requests.md has the figures.
 */

import type { IncomingMessage } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import { type Credentials, sign } from "./signature.ts";

export interface ServiceOptions {
  /** As it is called in a signature. */
  readonly service: string;
  /** Where it is; a path in it comes before every request's. */
  readonly endpoint: string;
  /** @default the environment's */
  readonly region?: string;
  /** @default the environment's, as Lambda gives them to a function */
  readonly credentials?: Credentials;
}

export interface ServiceRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Rejects where no whole answer came: nobody knows then whether the request was acted on. */
export type Service = (request: ServiceRequest) => Promise<ServiceAnswer>;

/** A service that says nothing for so long will not. */
const SILENCE_MS = 5_000;

export function openService({ service, endpoint, ...options }: ServiceOptions): Service {
  const { protocol, hostname, port, host, pathname } = new URL(endpoint);
  const prefix = pathname.replace(/\/$/, "");
  const region = options.region ?? environment("AWS_REGION");
  const { request: send, agent } = transport(protocol);

  return ({ method, path, headers, body = "" }) => {
    const credentials = options.credentials ?? environmentCredentials();
    const signable = { method, path: prefix + path, headers: { ...headers, host }, body };
    const signed = sign(signable, { service, region, credentials }, new Date());
    return new Promise((resolve, reject) => {
      const outgoing = send({
        agent,
        hostname,
        port,
        method,
        path: signable.path,
        headers: { ...signed, "content-length": Buffer.byteLength(body) },
        timeout: SILENCE_MS,
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${host} says nothing for ${SILENCE_MS} ms`)));
      outgoing.on("error", reject);
      outgoing.on("response", (response: IncomingMessage) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      outgoing.end(body);
    });
  };
}

/** Plain HTTP is the local runner's and the tests', so it is not imported: that would load a fetch too, 15 ms. */
function transport(protocol: string) {
  if (protocol === "https:") return { request: requestHttps, agent: new Agent({ keepAlive: true }) };
  const { request, Agent: HttpAgent } = process.getBuiltinModule("node:http");
  return { request, agent: new HttpAgent({ keepAlive: true }) };
}

/** Read for each request: that is where Lambda would put newer ones. */
const environmentCredentials = (): Credentials => ({
  accessKeyId: environment("AWS_ACCESS_KEY_ID"),
  secretAccessKey: environment("AWS_SECRET_ACCESS_KEY"),
  sessionToken: process.env.AWS_SESSION_TOKEN,
});

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}
