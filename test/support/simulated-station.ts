import type { Payload } from "../../local/stations/behaviour.ts";
import { behaviours } from "../../local/stations/protocols.ts";

/** A station whose timers fire one after the other, and which boots when it is asked to. */
export function stationOf(protocol: keyof typeof behaviours) {
  const accepted = { idTagInfo: { status: "Accepted" }, idTokenInfo: { status: "Accepted" } };
  const reports: [string, Payload][] = [];
  const calls: string[] = [];
  const firmware: unknown[] = [];
  let tasks: (() => void | Promise<void>)[] = [];
  const behaviour = behaviours[protocol]({
    identity: "CP1",
    connectors: 1,
    faultyConnectors: [],
    stepMs: 1,
    configuration: { HeartbeatInterval: "0", "OCPPCommCtrlr.HeartbeatInterval": "0" },
    now: () => new Date("2026-11-20T12:00:00Z"),
    async call(action, payload) {
      const boot = (payload.chargingStation ?? payload) as Payload;
      calls.push(action);
      if (action === "BootNotification") firmware.push(boot.firmwareVersion);
      return { status: "Accepted", interval: 0, ...accepted };
    },
    async report(action, payload) {
      if (action !== "StatusNotification") reports.push([action, payload]);
      return { transactionId: 1, ...accepted };
    },
    after(_, task) {
      tasks.push(task);
      return () => {
        tasks = tasks.filter((one) => one !== task);
      };
    },
    reboot() {
      tasks = [boot];
    },
    reconnect() {},
  });
  async function boot() {
    await behaviour.register();
    await behaviour.announce();
  }
  /** Lets so many timers fire. */
  async function fire(most = 100) {
    for (let n = 0; n < most && tasks.length > 0; n++) await tasks.shift()?.();
  }
  return { behaviour, boot, fire, reports, calls, firmware };
}
