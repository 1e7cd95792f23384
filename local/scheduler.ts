import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { resetIdleSockets } from "./idle-sockets.ts";
import { openJournal } from "./journal.ts";
import { listen, readBody, stop } from "./listen.ts";
import type { AccessRequest, Guard } from "./rights/guard.ts";
import { type DeadLetter, startDelivery } from "./scheduler/delivery.ts";
import { denied, invalid, isRefusal } from "./scheduler/errors.ts";
import { createOperations } from "./scheduler/operations.ts";
import { type Definition, readDefinition, type Schedule } from "./scheduler/schedule.ts";

export type { DeadLetter };

export interface SchedulerOptions {
  /** Keep the schedules in this folder, over restarts and kills; in memory without. */
  readonly dataDir?: string;
  /** The clock schedules fire by, epoch milliseconds. */
  readonly now: () => number;
  /** Called at least once for each due schedule; what is overdue at the start is due at once. */
  readonly invoke: (targetArn: string, input: string) => Promise<void>;
  /** The schedule groups there are, besides `default`. */
  readonly groups: readonly string[];
  /** Sockets that were idle for so long are reset. @default 0, none is */
  readonly idleSocketMs?: number;
  /** The roles whose rights are enforced. @default none */
  readonly access?: SchedulerAccess;
}

export interface SchedulerAccess {
  readonly guard: Guard;
  /** `arn:aws:scheduler:{region}:{account}:schedule/` */
  readonly schedulesArn: string;
  /** @returns why Scheduler may not assume a schedule's role, or do something with it */
  readonly refusalAs: (definition: Definition, access?: AccessRequest) => string | undefined;
}

export interface Scheduler {
  readonly endpoint: string;
  /** API requests by operation since the start or the last reset. */
  metrics(): Record<string, number>;
  resetMetrics(): void;
  /** To be called after the clock was moved: fires what became due. */
  clockMoved(): void;
  /** What went to dead-letter queues since the start. */
  deadLetters(): readonly DeadLetter[];
  close(): Promise<void>;
}

/**
 * EventBridge Scheduler on loopback, for one-time schedules: what SchedulerClient asks of it over HTTP, and
 * the firing. It fires at the second, where AWS takes up to a minute.
 */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { dataDir, now, invoke, groups, idleSocketMs = 0, access } = options;
  const journal = openJournal<Schedule>(
    dataDir === undefined ? undefined : join(dataDir, "scheduler"),
    "schedules.jsonl",
  );
  const delivery = startDelivery({ journal, now, invoke, refusalAs: access?.refusalAs ?? (() => undefined) });
  const operations = createOperations({ journal, groups, now });
  const counts = new Map<string, number>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      send(response, 200, perform(request, body.toString()));
      delivery.review();
    } catch (error) {
      const refusal = isRefusal(error) ? error : undefined;
      response.setHeader("x-amzn-errortype", refusal?.name ?? "InternalServerException");
      send(response, refusal?.status ?? 500, { Message: refusal?.message ?? String(error) });
    }
  }

  function perform({ method = "", url = "/", headers }: IncomingMessage, body: string): object {
    const { authorization } = headers;
    const { pathname, searchParams } = new URL(url, "http://scheduler");
    const name = /^\/schedules\/([^/]+)$/.exec(pathname)?.[1];
    if (name === undefined) {
      if (method !== "GET" || pathname !== "/schedules") throw invalid(`${method} ${pathname} is not served`);
      authorize(authorization, [{ action: "scheduler:ListSchedules", resource: "*" }]);
      return counted("ListSchedules", () => operations.list(searchParams));
    }
    const decoded = decode(name);
    const ofGroup = (action: string, group: unknown) => {
      const resource = `${access?.schedulesArn}${group ?? "default"}/${decoded}`;
      return [{ action: `scheduler:${action}`, resource }];
    };
    const set = (action: string, run: (definition: Record<string, unknown>) => object) => {
      const definition = parse(body);
      const { RoleArn } = (definition.Target ?? {}) as { RoleArn?: unknown };
      const context = { "iam:passedtoservice": "scheduler.amazonaws.com" };
      const pass = { action: "iam:PassRole", resource: String(RoleArn), context };
      authorize(authorization, [...ofGroup(action, definition.GroupName), pass]);
      return counted(action, () => {
        const assumed = access?.refusalAs(readDefinition(decoded, definition));
        if (assumed !== undefined) {
          throw invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
          );
        }
        return run(definition);
      });
    };
    if (method === "POST")
      return set("CreateSchedule", (definition) => operations.create(decoded, definition));
    if (method === "PUT")
      return set("UpdateSchedule", (definition) => operations.update(decoded, definition));
    const group = searchParams.get("groupName");
    if (method === "GET") {
      authorize(authorization, ofGroup("GetSchedule", group));
      return counted("GetSchedule", () => operations.get(decoded, searchParams));
    }
    if (method === "DELETE") {
      authorize(authorization, ofGroup("DeleteSchedule", group));
      return counted("DeleteSchedule", () => operations.remove(decoded, searchParams));
    }
    throw invalid(`${method} ${pathname} is not served`);
  }

  function authorize(authorization: string | undefined, requests: readonly AccessRequest[]): void {
    const refusal = access?.guard.refusal(authorization, requests);
    if (refusal !== undefined) throw denied(refusal);
  }

  function counted(operation: string, run: () => object): object {
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    return run();
  }

  const server = createServer((request, response) => void handle(request, response));
  resetIdleSockets(server, idleSocketMs);
  const endpoint = await listen(server, 0);
  delivery.review();
  return {
    endpoint,
    metrics: () => Object.fromEntries(counts),
    resetMetrics: () => counts.clear(),
    clockMoved: () => delivery.review(),
    deadLetters: () => delivery.deadLetters,
    async close() {
      delivery.stop();
      await stop(server);
      journal.close();
    },
  };
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Refused below, like every other body that is no object.
  }
  throw invalid("The request body is not a JSON object");
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid(`${segment} is not percent-encoded`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
