import type { Device, Payload } from "../behaviour.ts";
import type { Charging } from "./charging.ts";
import type { Requests } from "./requests.ts";

type Trigger = (evseId: number | undefined) => Promise<unknown>;

/** F06 Trigger Message: the answer first, then what was asked for. */
export function createTriggers(device: Device, charging: Charging, bootNotification: () => Promise<Payload>) {
  const triggers: Readonly<Record<string, Trigger>> = {
    BootNotification: bootNotification,
    FirmwareStatusNotification: () => device.report("FirmwareStatusNotification", { status: "Idle" }),
    Heartbeat: () => device.call("Heartbeat", {}),
    LogStatusNotification: () => device.report("LogStatusNotification", { status: "Idle" }),
    MeterValues: async (id) => {
      for (const evse of charging.evses(id)) await evse.reportMeter();
    },
    StatusNotification: async (id) => {
      for (const evse of charging.evses(id)) await evse.report();
    },
    TransactionEvent: async (id) => {
      for (const evse of charging.evses(id)) if (evse.transaction) await evse.reportMeter();
    },
  };

  return ({ requestedMessage, evse }: Requests["TriggerMessage"]): Payload => {
    const trigger = Object.hasOwn(triggers, requestedMessage) ? triggers[requestedMessage] : undefined;
    if (!trigger) return { status: "NotImplemented" };
    if (charging.evses(evse?.id).length === 0) return { status: "Rejected" };
    device.after(0, async () => {
      await trigger(evse?.id);
    });
    return { status: "Accepted" };
  };
}
