/**
 * DynamoDB's JSON protocol in front of dynalite's operations. dynalite's own handler parses the URL and the signature
 * of each request and draws 39 random bytes for each answer, after the guard has read and parsed the body already.
 * Requests that are no ordinary ones get dynalite's answers.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import type { Store } from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import { readBody } from "../listen.ts";
import { type Body, replayed } from "./access.ts";

type Data = Record<string, unknown>;
type Done = (error: (Error & Partial<Refusal>) | null, answer?: object) => void;

interface Refusal {
  readonly statusCode: number;
  readonly body: object;
}

export interface Operation {
  readonly run: (store: Store, data: Data, done: Done) => void;
  readonly validation: { readonly types: Record<string, unknown>; readonly custom?: unknown };
}

export interface FrontOptions {
  readonly store: Store;
  /** By name, `GetItem`. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** @returns AWS's message where the request is denied */
  readonly refusal: (request: IncomingMessage, body: Body) => string | undefined;
  /** Called with each request that is not denied. */
  readonly onRequest: (request: IncomingMessage) => void;
  /** dynalite's own handler. */
  readonly otherwise: RequestListener;
}

const TYPE = "application/x-amz-json-1.0";
const TARGET = "DynamoDB_20120810.";

export function createFront(options: FrontOptions): RequestListener {
  return (request, response) => {
    readBody(request).then(
      (bytes) => serve(options, request, response, bytes),
      () => response.destroy(),
    );
  };
}

function serve(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
): void {
  const { store, operations, refusal, onRequest, otherwise } = options;
  const { headers } = request;
  const target = String(headers["x-amz-target"] ?? "");
  const name = target.slice(target.indexOf(".") + 1);
  const data = parsed(bytes);
  const denied = refusal(request, data ?? {});
  if (denied !== undefined) {
    send(response, 400, { __type: "com.amazon.coral.service#AccessDeniedException", Message: denied });
    return;
  }
  onRequest(request);
  const operation = target.startsWith(TARGET) ? operations[name] : undefined;
  const isOrdinary =
    request.url === "/" && headers["content-type"] === TYPE && headers.authorization?.startsWith("AWS4-");
  if (!operation || !data || !isOrdinary) {
    otherwise(replayed(request, bytes), response);
    return;
  }
  const done: Done = (error, answer) => {
    if (!error) return send(response, 200, answer ?? {});
    if (error.body) return send(response, error.statusCode ?? 400, error.body);
    console.error(error);
    send(response, 500, { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError" });
  };
  const { run, validation } = operation;
  try {
    const checked = validations.checkTypes(data, validation.types);
    validations.checkValidations(checked, validation.types, validation.custom, store);
    run(store, checked, done);
  } catch (error) {
    done(error as Error);
  }
}

function send(response: ServerResponse, status: number, answer: object): void {
  const body = JSON.stringify(answer);
  response.writeHead(status, {
    "x-amzn-RequestId": randomUUID(),
    "x-amz-crc32": crc32(body),
    "Content-Type": TYPE,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

function parsed(bytes: Buffer): Data | undefined {
  try {
    const data: unknown = JSON.parse(bytes.toString());
    return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Data) : undefined;
  } catch {
    return undefined;
  }
}
