/** The display of a 2.x station: the messages that it keeps, and lists on request. */

import type { Device, Payload } from "../behaviour.ts";

interface MessageInfo {
  readonly id: number;
  readonly priority: string;
  readonly state?: string;
}

/** How many entries one message of a list has. */
const ENTRIES = 2;

const fits = <Value>(wanted: Value | undefined, value: Value | undefined): boolean =>
  wanted === undefined || wanted === value;

/** Sends a list in as many messages as it needs, after the answer to the request. */
function sendList<Entry>(
  device: Device,
  action: string,
  entries: readonly Entry[],
  message: (part: readonly Entry[]) => Payload,
): void {
  device.after(0, async () => {
    for (let start = 0; start < entries.length; start += ENTRIES) {
      const tbc = start + ENTRIES < entries.length;
      await device.report(action, { ...message(entries.slice(start, start + ENTRIES)), tbc });
    }
  });
}

/** O01 to O06 */
export function createDisplay(device: Device) {
  const messages = new Map<number, MessageInfo>();
  return {
    SetDisplayMessage: ({ message }: { message: MessageInfo }): Payload => {
      messages.set(message.id, message);
      return { status: "Accepted" };
    },
    GetDisplayMessages: (request: {
      requestId: number;
      id?: readonly number[];
      priority?: string;
      state?: string;
    }): Payload => {
      const { requestId, id, priority, state } = request;
      const found = [...messages.values()].filter(
        (message) =>
          (id?.includes(message.id) ?? true) &&
          fits(priority, message.priority) &&
          fits(state, message.state),
      );
      if (found.length === 0) return { status: "Unknown" };
      sendList(device, "NotifyDisplayMessages", found, (messageInfo) => ({ requestId, messageInfo }));
      return { status: "Accepted" };
    },
    ClearDisplayMessage: ({ id }: { id: number }): Payload => ({
      status: messages.delete(id) ? "Accepted" : "Unknown",
    }),
  };
}
