/**
 * Lambda's Invoke API, for the SDK's client inside the functions.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { decoded } from "../http/routes.ts";
import { readBody, serverOf } from "../listen.ts";
import type { Guard } from "../rights/guard.ts";
import type { Lambda } from "./service.ts";

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export function createLambdaEndpoint(lambda: Lambda, guard?: Guard): Server {
  return serverOf((request, response) => invoke(lambda, guard, request, response));
}

async function invoke(
  lambda: Lambda,
  guard: Guard | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const event = (await readBody(request)).toString() || "{}";
  const name = decoded(invocationPath.exec((request.url ?? "").split("?")[0] ?? "")?.[1] ?? "");
  const target = lambda.find(name);
  if (target === undefined) {
    return fail(response, 404, "ResourceNotFoundException", `Function not found: ${name}`);
  }
  const access = { action: "lambda:InvokeFunction", resource: target.definition.arn };
  const refusal = guard?.refusal(request.headers.authorization, [access]);
  if (refusal !== undefined) return fail(response, 403, "AccessDeniedException", refusal);
  if (!isJson(event)) {
    return fail(response, 400, "InvalidRequestContentException", "Could not parse request body into json");
  }
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "DryRun") return void response.writeHead(204).end();
  if (type === "Event") {
    lambda.invokeLater(target, event);
    return void response.writeHead(202).end();
  }
  const outcome = await target.invoke(event);
  if (outcome.status === "throttled") {
    return fail(response, 429, "TooManyRequestsException", "Rate Exceeded.");
  }
  const payload = outcome.status === "ok" ? outcome.payload : JSON.stringify(outcome.error);
  response.writeHead(200, {
    "content-type": "application/json",
    "x-amz-executed-version": "$LATEST",
    ...(outcome.status === "ok" ? {} : { "x-amz-function-error": "Unhandled" }),
  });
  response.end(payload);
}

function fail(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ Type: "User", message }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
