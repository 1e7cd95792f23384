/** One connector: its status, its meter, the transaction and the reservation it has. */

import type { Device, Payload, Rules } from "../behaviour.ts";
import type { Profiles } from "../profiles.ts";
import type { Configuration } from "./configuration.ts";
import { meterValue } from "./meter.ts";

type Status = "Available" | "Preparing" | "Charging" | "Finishing" | "Reserved" | "Unavailable" | "Faulted";

type StopReason = "Local" | "Remote" | "DeAuthorized" | "UnlockCommand" | "SoftReset" | "HardReset";

interface Transaction {
  readonly idTag: string;
  readonly startedAt: Date;
  /** Until when its energy is on the meter. */
  settledAt: Date;
  /** The answer to StartTransaction; none where the CSMS refused it. */
  readonly started: Promise<Payload | undefined>;
  /** The CSMS's id, once StartTransaction is answered. */
  id?: number;
  cancelSampling?: () => void;
}

interface Reservation {
  readonly id: number;
  readonly idTag: string;
  readonly cancelExpiry: () => void;
}

export const statusNotification = (connectorId: number, status: Status, at: Date): Payload => ({
  connectorId,
  status,
  errorCode: status === "Faulted" ? "ConnectorLockFailure" : "NoError",
  timestamp: at.toISOString(),
});

export class Connector {
  readonly id: number;
  status: Status;
  /** As ChangeAvailability set it. */
  operative = true;
  transaction: Transaction | undefined;
  reservation: Reservation | undefined;
  #meterWh = 0;
  readonly #device: Device;
  readonly #configuration: Configuration;
  readonly #profiles: Profiles;
  readonly #isListed: Rules["isListed"];

  constructor(id: number, device: Device, configuration: Configuration, { profiles, isListed }: Rules) {
    this.#isListed = isListed;
    this.id = id;
    this.status = device.faultyConnectors.includes(id) ? "Faulted" : "Available";
    this.#device = device;
    this.#configuration = configuration;
    this.#profiles = profiles;
  }

  /** Whether a charge with this token may begin. */
  isFreeFor(idTag: string): boolean {
    return this.status === "Available" || (this.status === "Reserved" && this.reservation?.idTag === idTag);
  }

  get isIdle(): boolean {
    return this.status !== "Preparing" && this.status !== "Charging" && this.status !== "Finishing";
  }

  report(): Promise<Payload> {
    const notification = statusNotification(this.id, this.status, this.#device.now());
    return this.#device.report("StatusNotification", notification);
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
  async start(idTag: string, authorize: boolean): Promise<void> {
    await this.become("Preparing");
    if (authorize && !this.#isListed(idTag)) {
      const answer = await this.#device.call("Authorize", { idTag });
      if (!isAccepted(answer)) return this.rest();
    }
    const transaction = this.#begin(idTag);
    const answer = await transaction.started;
    // A hard reset may have ended it meanwhile.
    if (this.transaction !== transaction) return;
    if (!answer) {
      this.transaction = undefined;
      return this.rest();
    }
    if (!isAccepted(answer)) return this.end("DeAuthorized");
    await this.become("Charging");
    this.#sample(transaction);
  }

  #begin(idTag: string): Transaction {
    const startedAt = this.#device.now();
    const reservationId = this.reservation?.id;
    this.endReservation();
    const started = this.#device
      .report("StartTransaction", {
        connectorId: this.id,
        idTag,
        meterStart: Math.round(this.#meterWh),
        timestamp: startedAt.toISOString(),
        ...(reservationId === undefined ? {} : { reservationId }),
      })
      .then(
        (answer) => {
          transaction.id = answer.transactionId as number;
          return answer;
        },
        () => undefined,
      );
    const transaction: Transaction = { idTag, startedAt, settledAt: startedAt, started };
    this.transaction = transaction;
    return transaction;
  }

  /** MeterValues at the configured interval, for as long as one is configured and the transaction runs. */
  #sample(transaction: Transaction): void {
    const seconds = this.#configuration.integer("MeterValueSampleInterval");
    if (seconds === 0 || this.transaction !== transaction) return;
    transaction.cancelSampling = this.#device.after(seconds * 1000, async () => {
      await this.reportMeter("Sample.Periodic");
      this.#sample(transaction);
    });
  }

  reportMeter(context: "Sample.Periodic" | "Trigger"): Promise<Payload> {
    const { transaction } = this;
    const now = this.#device.now();
    const measurands = this.#configuration.text("MeterValuesSampledData").split(",");
    this.settle();
    const watts = transaction ? this.#profiles.powerAt(this.id, now, transaction) : 0;
    return this.#device.report("MeterValues", {
      connectorId: this.id,
      ...(transaction?.id === undefined ? {} : { transactionId: transaction.id }),
      meterValue: [meterValue(now, context, measurands, this.#meterWh, watts)],
    });
  }

  /** Puts on the meter what was charged until now. @returns now */
  settle(): Date {
    const now = this.#device.now();
    const { transaction } = this;
    if (transaction) {
      this.#meterWh += this.#profiles.energyWh(this.id, transaction.settledAt, now, transaction);
      transaction.settledAt = now;
    }
    return now;
  }

  /** Stops the charge; the driver unplugs a moment later. */
  async end(reason: StopReason): Promise<void> {
    if (!this.transaction) return;
    await this.stop(reason);
    await this.become("Finishing");
    this.#device.after(this.#device.stepMs, () => this.rest());
  }

  /** Ends the transaction, whatever becomes of the connector. */
  async stop(reason: StopReason): Promise<void> {
    const { transaction } = this;
    if (!transaction) return;
    const stoppedAt = this.settle();
    this.transaction = undefined;
    this.#profiles.endTransaction(this.id);
    transaction.cancelSampling?.();
    await transaction.started;
    if (transaction.id === undefined) return;
    await this.#device.report("StopTransaction", {
      transactionId: transaction.id,
      idTag: transaction.idTag,
      meterStop: Math.round(this.#meterWh),
      timestamp: stoppedAt.toISOString(),
      reason,
    });
  }
}

const isAccepted = ({ idTagInfo }: Payload) => (idTagInfo as { status: string }).status === "Accepted";
