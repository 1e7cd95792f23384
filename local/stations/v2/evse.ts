/** One EVSE with its one connector: its status, its meter, the transaction and the reservation it has. */

import { randomUUID } from "node:crypto";
import type { Device, Payload, Rules } from "../behaviour.ts";
import type { Profiles } from "../profiles.ts";
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
  /** Until when its energy is on the meter. */
  settledAt: Date;
  readonly remoteStartId?: number;
  seqNo: number;
  cancelSampling?: () => void;
}

interface Reservation {
  readonly id: number;
  readonly idToken: string;
  readonly cancelExpiry: () => void;
}

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
  readonly #profiles: Profiles;
  readonly #isListed: Rules["isListed"];

  constructor(id: number, device: Device, model: DeviceModel, { profiles, isListed }: Rules) {
    this.#isListed = isListed;
    this.id = id;
    this.status = device.faultyConnectors.includes(id) ? "Faulted" : "Available";
    this.#device = device;
    this.#model = model;
    this.#profiles = profiles;
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
    if (authorize && !this.#isListed(token.idToken)) {
      const answer = await this.#device.call("Authorize", { idToken: token });
      if (!isAccepted(answer)) return this.rest();
    }
    const startedAt = this.#device.now();
    const transaction: Transaction = {
      id: randomUUID(),
      token,
      startedAt,
      settledAt: startedAt,
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
    this.settle();
    this.transaction = undefined;
    this.#profiles.endTransaction(this.id);
    transaction.cancelSampling?.();
    const token = reason === "Local" ? { idToken: transaction.token } : {};
    await this.#transactionEvent("Ended", transaction, endings[reason], "Idle", token, {
      stoppedReason: reason,
    });
  }

  /** A reading of the running transaction, or of the idle meter. */
  async reportMeter(): Promise<void> {
    this.settle();
    if (this.transaction) await this.#transactionEvent("Updated", this.transaction, "Trigger", "Charging");
    else {
      const meterValue = [this.#meterValue("Trigger")];
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
    this.settle();
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
      meterValue: [this.#meterValue(contexts[eventType])],
      ...members,
    });
  }

  /** Puts on the meter what was charged until now. */
  settle(): void {
    const { transaction } = this;
    if (!transaction) return;
    const now = this.#device.now();
    this.#meterWh += this.#profiles.energyWh(this.id, transaction.settledAt, now, transaction);
    transaction.settledAt = now;
  }

  /** The register, and the power if the station is configured to sample it. */
  #meterValue(context: string): Payload {
    const now = this.#device.now();
    const watts = this.transaction ? this.#profiles.powerAt(this.id, now, this.transaction) : 0;
    const isPowerSampled = this.#model
      .text("SampledDataCtrlr.TxUpdatedMeasurands")
      .includes("Power.Active.Import");
    const sample = (measurand: string, value: number, unit: string) => ({
      ...{ value: Math.round(value), context, measurand, unitOfMeasure: { unit } },
    });
    return {
      timestamp: now.toISOString(),
      sampledValue: [
        sample("Energy.Active.Import.Register", this.#meterWh, "Wh"),
        ...(isPowerSampled ? [sample("Power.Active.Import", watts, "W")] : []),
      ],
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
