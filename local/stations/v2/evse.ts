/** One EVSE with its one connector: its status, its meter, the transaction and the reservation it has. */

import { randomUUID } from "node:crypto";
import type { Device, Payload } from "../behaviour.ts";
import type { DeviceModel } from "./device-model.ts";

type Status = "Available" | "Occupied" | "Reserved" | "Unavailable" | "Faulted";

/** Why a transaction ends: what triggered it, and what that makes the reason (part 2, E06 and E07). */
const endings = {
  Local: "StopAuthorized",
  Remote: "RemoteStop",
  DeAuthorized: "Deauthorized",
  EVDisconnected: "EVCommunicationLost",
  ImmediateReset: "ResetCommand",
} as const;

export type StoppedReason = keyof typeof endings;

export interface Token {
  readonly idToken: string;
  readonly type: string;
}

interface Transaction {
  readonly id: string;
  readonly token: Token;
  readonly startedAt: Date;
  readonly remoteStartId?: number;
  seqNo: number;
  cancelSampling?: () => void;
}

interface Reservation {
  readonly id: number;
  readonly idToken: string;
  readonly cancelExpiry: () => void;
}

const POWER_W = 11_000;

export class Evse {
  readonly id: number;
  status: Status;
  /** As ChangeAvailability set it. */
  operative = true;
  transaction: Transaction | undefined;
  reservation: Reservation | undefined;
  #meterWh = 0;
  readonly #device: Device;
  readonly #model: DeviceModel;

  constructor(id: number, device: Device, model: DeviceModel) {
    this.id = id;
    this.status = device.faultyConnectors.includes(id) ? "Faulted" : "Available";
    this.#device = device;
    this.#model = model;
  }

  /** Whether a charge with this token may begin. */
  isFreeFor(idToken: string): boolean {
    return (
      this.status === "Available" || (this.status === "Reserved" && this.reservation?.idToken === idToken)
    );
  }

  get isIdle(): boolean {
    return this.status !== "Occupied";
  }

  report(): Promise<Payload> {
    this.#model.set(`Connector@${this.id}:1.AvailabilityState`, this.status);
    this.#model.set(`EVSE@${this.id}.AvailabilityState`, this.status);
    return this.#device.report("StatusNotification", {
      timestamp: this.#device.now().toISOString(),
      connectorStatus: this.status,
      evseId: this.id,
      connectorId: 1,
    });
  }

  async become(status: Status): Promise<void> {
    this.status = status;
    await this.report();
  }

  /** The state without a charge; a fault remains. */
  rest(): Promise<void> {
    if (this.status === "Faulted") return this.become("Faulted");
    if (!this.operative) return this.become("Unavailable");
    return this.become(this.reservation ? "Reserved" : "Available");
  }

  endReservation(): void {
    this.reservation?.cancelExpiry();
    this.reservation = undefined;
  }

  /** From plugging in until the energy flows, or the token is refused. */
  async start(token: Token, authorize: boolean, remoteStartId?: number): Promise<void> {
    await this.become("Occupied");
    if (authorize && !isAccepted(await this.#device.call("Authorize", { idToken: token })))
      return this.rest();
    const transaction: Transaction = {
      id: randomUUID(),
      token,
      startedAt: this.#device.now(),
      ...(remoteStartId !== undefined && { remoteStartId }),
      seqNo: 0,
    };
    this.transaction = transaction;
    this.endReservation();
    const trigger = remoteStartId === undefined ? "Authorized" : "RemoteStart";
    const started = await this.#transactionEvent("Started", transaction, trigger, "EVConnected", {
      idToken: token,
    });
    // a reset may have ended it meanwhile
    if (this.transaction !== transaction) return;
    if (!isAccepted(started)) return this.end("DeAuthorized");
    await this.#transactionEvent("Updated", transaction, "ChargingStateChanged", "Charging");
    this.#sample(transaction);
  }

  /** Ends the charge; the driver unplugs a moment later. */
  async end(reason: StoppedReason): Promise<void> {
    if (!this.transaction) return;
    await this.stop(reason);
    this.#device.after(this.#device.stepMs, () => this.rest());
  }

  /** Ends the transaction, whatever becomes of the connector. */
  async stop(reason: StoppedReason): Promise<void> {
    const { transaction } = this;
    if (!transaction) return;
    this.transaction = undefined;
    transaction.cancelSampling?.();
    this.#meterWh = this.#registerWh(transaction);
    const token = reason === "Local" ? { idToken: transaction.token } : {};
    await this.#transactionEvent("Ended", transaction, endings[reason], "Idle", token, {
      stoppedReason: reason,
    });
  }

  /** A reading of the running transaction, or of the idle meter. */
  async reportMeter(): Promise<void> {
    if (this.transaction) await this.#transactionEvent("Updated", this.transaction, "Trigger", "Charging");
    else {
      const meterValue = [this.#meterValue("Trigger", this.#meterWh)];
      await this.#device.report("MeterValues", { evseId: this.id, meterValue });
    }
  }

  #transactionEvent(
    eventType: "Started" | "Updated" | "Ended",
    transaction: Transaction,
    triggerReason: string,
    chargingState: string,
    members: Payload = {},
    info: Payload = {},
  ): Promise<Payload> {
    const contexts = { Started: "Transaction.Begin", Updated: "Sample.Periodic", Ended: "Transaction.End" };
    const { id: transactionId, remoteStartId } = transaction;
    const registerWh = eventType === "Ended" ? this.#meterWh : this.#registerWh(transaction);
    return this.#device.report("TransactionEvent", {
      eventType,
      timestamp: this.#device.now().toISOString(),
      triggerReason,
      seqNo: transaction.seqNo++,
      transactionInfo: {
        transactionId,
        chargingState,
        ...(remoteStartId !== undefined && { remoteStartId }),
        ...info,
      },
      evse: { id: this.id, connectorId: 1 },
      meterValue: [this.#meterValue(contexts[eventType], registerWh)],
      ...members,
    });
  }

  #registerWh({ startedAt }: Transaction): number {
    const hours = (this.#device.now().getTime() - startedAt.getTime()) / 3_600_000;
    return this.#meterWh + POWER_W * hours;
  }

  #meterValue(context: string, registerWh: number): Payload {
    const sample = { value: Math.round(registerWh), context, measurand: "Energy.Active.Import.Register" };
    return {
      timestamp: this.#device.now().toISOString(),
      sampledValue: [{ ...sample, unitOfMeasure: { unit: "Wh" } }],
    };
  }

  /** At the configured interval, for as long as one is configured and the transaction runs. */
  #sample(transaction: Transaction): void {
    const seconds = this.#model.integer("SampledDataCtrlr.TxUpdatedInterval");
    if (seconds === 0 || this.transaction !== transaction) return;
    transaction.cancelSampling = this.#device.after(seconds * 1000, async () => {
      await this.#transactionEvent("Updated", transaction, "MeterValuePeriodic", "Charging");
      this.#sample(transaction);
    });
  }
}

const isAccepted = ({ idTokenInfo }: Payload) =>
  (idTokenInfo as { status: string } | undefined)?.status === "Accepted";
