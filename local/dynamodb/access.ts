/** What DynamoDB authorizes of a request. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { readBody } from "../listen.ts";
import type { AccessRequest, Guard } from "../rights/guard.ts";
import { OWN_REQUEST_HEADER } from "./operations.ts";

export interface Body {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly StreamArn?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string }>>[];
}

/**
 * A query of an index takes a right to the index alone, a batch one for each of its tables, a transaction one for
 * each of its actions. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 *
 * @param tablesArn `arn:aws:dynamodb:{region}:{account}:table/`
 */
export function accessesOf(target: string, body: Body, tablesArn: string): AccessRequest[] {
  const operation = target.slice(target.indexOf(".") + 1);
  const { TableName = "", IndexName, RequestItems, TransactItems, StreamArn } = body;
  const arnOf = (table: string) => (table.startsWith("arn:") ? table : `${tablesArn}${table}`);
  if (RequestItems !== undefined) {
    return Object.keys(RequestItems).map((table) => ({
      action: `dynamodb:${operation}`,
      resource: arnOf(table),
    }));
  }
  if (TransactItems !== undefined) {
    return TransactItems.flatMap((item) =>
      Object.entries(item).map(([action, { TableName: table = "" }]) => ({
        action: `dynamodb:${actionIn(action)}`,
        resource: arnOf(table),
      })),
    );
  }
  const resource = IndexName === undefined ? arnOf(TableName) : `${arnOf(TableName)}/index/${IndexName}`;
  const none = TableName === "" && StreamArn === undefined;
  return [{ action: `dynamodb:${operation}`, resource: none ? "*" : (StreamArn ?? resource) }];
}

/** The action of a transaction's member: `Put` is PutItem, `ConditionCheck` ConditionCheckItem. */
const actionIn = (member: string) => `${member}Item`;

/** AWS's message where a function has no right to what it requests; the runner and developers have all rights. */
export function refusalOf(
  guard: Guard,
  tablesArn: string,
  { headers }: IncomingMessage,
  body: Body,
): string | undefined {
  if (headers[OWN_REQUEST_HEADER] !== undefined) return undefined;
  const principal = guard.principalOf(headers.authorization);
  const target = String(headers["x-amz-target"] ?? "");
  return principal && guard.refusalOf(principal, accessesOf(target, body, tablesArn));
}

/**
 * Denies what the caller has no right to, and hands everything else on. What is handed on has its body again, as a
 * stream: it has been read to be judged.
 */
export function guarded(guard: Guard, tablesArn: string, next: RequestListener): RequestListener {
  return (request, response) => {
    readBody(request).then(
      (bytes) => {
        const refusal = refusalOf(guard, tablesArn, request, parsed(bytes));
        if (refusal === undefined) next(replayed(request, bytes), response);
        else deny(response, refusal);
      },
      () => response.destroy(),
    );
  };
}

function parsed(bytes: Buffer): Body {
  try {
    const body: unknown = JSON.parse(bytes.toString());
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** A request with its body again, as a stream. */
export function replayed({ method, url, headers }: IncomingMessage, bytes: Buffer): IncomingMessage {
  return Object.assign(Readable.from([bytes], { objectMode: false }), {
    method,
    url,
    headers,
  }) as IncomingMessage;
}

function deny(response: ServerResponse, message: string): void {
  response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  response.end(
    JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", Message: message }),
  );
}
