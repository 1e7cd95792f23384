import type { Device, Payload } from "../behaviour.ts";
import type { Charging } from "./charging.ts";
import type { Requests } from "./requests.ts";

type Trigger = (connectorId: number | undefined) => Promise<unknown>;

/** TriggerMessage (OCPP 1.6 §5.17): the answer first, then what was asked for. */
export function createTriggers(device: Device, charging: Charging, bootNotification: () => Promise<Payload>) {
  const connectorIds = Array.from({ length: device.connectors + 1 }, (_, id) => id);
  const triggers: Readonly<Record<string, Trigger>> = {
    BootNotification: bootNotification,
    DiagnosticsStatusNotification: () => device.report("DiagnosticsStatusNotification", { status: "Idle" }),
    FirmwareStatusNotification: () => device.report("FirmwareStatusNotification", { status: "Idle" }),
    Heartbeat: () => device.call("Heartbeat", {}),
    LogStatusNotification: () => device.report("LogStatusNotification", { status: "Idle" }),
    MeterValues: (id = 0) => charging.reportMeter(id),
    StatusNotification: async (id) => {
      for (const each of id === undefined ? connectorIds : [id]) await charging.reportStatus(each);
    },
  };

  function answer({ requestedMessage, connectorId }: Requests["TriggerMessage"]): Payload {
    const trigger = Object.hasOwn(triggers, requestedMessage) ? triggers[requestedMessage] : undefined;
    if (!trigger) return { status: "NotImplemented" };
    if (connectorId !== undefined && !charging.has(connectorId)) return { status: "Rejected" };
    device.after(0, async () => {
      await trigger(connectorId);
    });
    return { status: "Accepted" };
  }
  return { TriggerMessage: answer, ExtendedTriggerMessage: answer };
}
