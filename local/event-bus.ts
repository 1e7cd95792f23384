/** EventBridge on loopback: accepts events and passes them to the watchers. Rules are not supported. */
import { randomUUID } from "node:crypto";
import { listen, readBody, sendJson, serverOf, stop } from "./listen.ts";
import type { Guard } from "./rights/guard.ts";

/** An event as EventBridge hands it to a target. */
export interface BusEvent {
  readonly id: string;
  readonly time: string;
  readonly bus: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventBus {
  readonly endpoint: string;
  /** @returns how to end it */
  watch(listener: (event: BusEvent) => void): () => void;
  close(): Promise<void>;
}

interface Entry {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Time?: number;
}

/**
 * @param names the buses there are; an event for another one is refused
 * @param access whose rights are enforced, and `arn:aws:events:{region}:{account}:event-bus/`
 */
export async function startEventBus(
  names: readonly string[],
  now: () => number,
  access?: { readonly guard: Guard; readonly busesArn: string },
): Promise<EventBus> {
  const listeners = new Set<(event: BusEvent) => void>();

  function take({ EventBusName = "default", Source, DetailType, Detail = "{}", Time }: Entry) {
    if (!names.includes(EventBusName) || !Source || !DetailType)
      return { ErrorCode: "InvalidArgument", ErrorMessage: `no event for ${EventBusName}` };
    const event: BusEvent = {
      id: randomUUID(),
      time: new Date(Time === undefined ? now() : Time * 1000).toISOString(),
      bus: EventBusName,
      source: Source,
      "detail-type": DetailType,
      detail: JSON.parse(Detail),
    };
    for (const listener of listeners) listener(event);
    return { EventId: event.id };
  }

  const server = serverOf(async (request, response) => {
    const { Entries = [] } = JSON.parse((await readBody(request)).toString()) as { Entries?: Entry[] };
    const buses = new Set(Entries.map(({ EventBusName = "default" }) => EventBusName));
    const refusal = access?.guard.refusal(
      request.headers.authorization,
      [...buses].map((name) => ({ action: "events:PutEvents", resource: `${access.busesArn}${name}` })),
    );
    if (refusal !== undefined) {
      return sendJson(response, 400, { __type: "AccessDeniedException", Message: refusal });
    }
    const entries = Entries.map(take);
    const failed = entries.filter((entry) => "ErrorCode" in entry).length;
    sendJson(response, 200, { FailedEntryCount: failed, Entries: entries });
  });
  const endpoint = await listen(server, 0);
  return {
    endpoint,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => stop(server),
  };
}
