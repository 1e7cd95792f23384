import type { BehaviourFactory } from "./behaviour.ts";
import { createV2, status } from "./v2.ts";

/** A charging station of OCPP 2.1 with default tariffs, without battery swap and grid services. */
export const createV21: BehaviourFactory = (device) => {
  let tariffId: string | undefined;

  function setDefaultTariff({ tariff }: { tariff: { tariffId: string } }) {
    tariffId = tariff.tariffId;
    return { status: "Accepted" };
  }

  function clearTariffs() {
    const cleared = tariffId === undefined ? { status: "NoTariff" } : { status: "Accepted", tariffId };
    tariffId = undefined;
    return { clearTariffsResult: [cleared] };
  }

  return createV2(device, "Simulator 21", {
    AFRRSignal: status("Rejected"),
    AdjustPeriodicEventStream: status("Rejected"),
    ChangeTransactionTariff: status("Rejected"),
    ClearDERControl: status("NotSupported"),
    ClearTariffs: clearTariffs,
    GetDERControl: status("NotSupported"),
    GetPeriodicEventStream: () => ({}),
    GetTariffs: status("NoTariff"),
    NotifyAllowedEnergyTransfer: status("Rejected"),
    NotifyWebPaymentStarted: () => ({}),
    RequestBatterySwap: status("Rejected"),
    SetDERControl: status("NotSupported"),
    SetDefaultTariff: setDefaultTariff,
    UpdateDynamicSchedule: status("Rejected"),
    UsePriorityCharging: status("Rejected"),
  });
};
