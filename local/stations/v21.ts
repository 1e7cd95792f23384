import type { BehaviourFactory } from "./behaviour.ts";
import { createV2, status } from "./v2.ts";

/** A charging station of OCPP 2.1: no tariffs, no batteries to swap and no grid services, and it says so. */
export const createV21: BehaviourFactory = (device) =>
  createV2(device, "Simulator 21", {
    AFRRSignal: status("Rejected"),
    AdjustPeriodicEventStream: status("Rejected"),
    ChangeTransactionTariff: status("Rejected"),
    ClearDERControl: status("NotSupported"),
    ClearTariffs: () => ({ clearTariffsResult: [{ status: "NoTariff" }] }),
    GetDERControl: status("NotSupported"),
    GetPeriodicEventStream: () => ({}),
    GetTariffs: status("NoTariff"),
    NotifyAllowedEnergyTransfer: status("Rejected"),
    NotifyWebPaymentStarted: () => ({}),
    RequestBatterySwap: status("Rejected"),
    SetDERControl: status("NotSupported"),
    SetDefaultTariff: status("Rejected"),
    UpdateDynamicSchedule: status("Rejected"),
    UsePriorityCharging: status("Rejected"),
  });
