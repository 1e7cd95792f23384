/** Connectors and what happens at them: drivers, transactions, meters, reservations. */

import type { Device, Payload } from "../behaviour.ts";
import type { Configuration } from "./configuration.ts";
import { energyWh, meterValue } from "./meter.ts";

type Status = "Available" | "Preparing" | "Charging" | "Finishing" | "Reserved" | "Unavailable" | "Faulted";
type StopReason =
  | "Local"
  | "Remote"
  | "EVDisconnected"
  | "DeAuthorized"
  | "UnlockCommand"
  | "SoftReset"
  | "HardReset";

interface Transaction {
  readonly idTag: string;
  readonly startedAt: Date;
  /** The answer to StartTransaction; none where the CSMS refused it. */
  readonly started: Promise<Payload | undefined>;
  /** The CSMS's id, once StartTransaction is answered. */
  id?: number;
  cancelSampling?: () => void;
}

interface Connector {
  readonly id: number;
  status: Status;
  operative: boolean;
  meterWh: number;
  transaction?: Transaction;
  reservation?: { readonly id: number; readonly idTag: string; readonly cancelExpiry: () => void };
}

export class Charging {
  readonly #device: Device;
  readonly #configuration: Configuration;
  readonly #connectors: readonly Connector[];

  constructor(device: Device, configuration: Configuration) {
    this.#device = device;
    this.#configuration = configuration;
    this.#connectors = Array.from({ length: device.connectors }, (_, index) => ({
      id: index + 1,
      status: device.faultyConnectors.includes(index + 1) ? "Faulted" : "Available",
      operative: true,
      meterWh: 0,
    }));
  }

  /** After a boot: what a hard reset cut off is stopped, then every connector is reported. */
  async announce(): Promise<void> {
    await this.#device.report("StatusNotification", this.#statusNotification(0));
    for (const connector of this.#connectors) {
      if (connector.transaction) await this.#stop(connector, "HardReset");
      if (connector.status !== "Faulted") connector.status = this.#idleStatus(connector);
      await this.reportStatus(connector.id);
    }
  }

  has(connectorId: number): boolean {
    return connectorId === 0 || this.#connector(connectorId) !== undefined;
  }

  reportStatus(connectorId: number): Promise<Payload> {
    return this.#device.report("StatusNotification", this.#statusNotification(connectorId));
  }

  reportMeter(connectorId: number): Promise<Payload> {
    const connector = this.#connector(connectorId);
    return this.#device.report("MeterValues", this.#meterValues(connector ?? connectorId, "Trigger"));
  }

  /** OCPP 1.6 §5.11: without a connector the station chooses one. */
  remoteStart(connectorId: number | undefined, idTag: string): "Accepted" | "Rejected" {
    const isFree = (connector: Connector) =>
      connector.status === "Available" ||
      (connector.status === "Reserved" && connector.reservation?.idTag === idTag);
    const connector =
      connectorId === undefined ? this.#connectors.find(isFree) : this.#connector(connectorId);
    if (!connector || !isFree(connector)) return "Rejected";
    connector.status = "Preparing";
    this.#device.after(this.#device.stepMs, () =>
      this.#start(connector, idTag, this.#configuration.isOn("AuthorizeRemoteTxRequests")),
    );
    return "Accepted";
  }

  remoteStop(transactionId: number): "Accepted" | "Rejected" {
    const connector = this.#connectors.find(({ transaction }) => transaction?.id === transactionId);
    if (!connector) return "Rejected";
    this.#device.after(this.#device.stepMs, () => this.#end(connector, "Remote"));
    return "Accepted";
  }

  async startCharging(connectorId: number, idTag: string): Promise<void> {
    const connector = this.#connector(connectorId);
    if (connector?.status !== "Available") throw new Error(`connector ${connectorId} is not available`);
    await this.#start(connector, idTag, true);
  }

  async stopCharging(connectorId: number): Promise<void> {
    const connector = this.#connector(connectorId);
    if (!connector?.transaction) throw new Error(`nobody charges at connector ${connectorId}`);
    await this.#end(connector, "Local");
  }

  unlock(connectorId: number): "Unlocked" | "UnlockFailed" | "NotSupported" {
    const connector = this.#connector(connectorId);
    if (!connector) return "NotSupported";
    if (connector.status === "Faulted") return "UnlockFailed";
    if (connector.transaction) this.#device.after(0, () => this.#end(connector, "UnlockCommand"));
    return "Unlocked";
  }

  /** OCPP 1.6 §5.2: connector 0 is the whole station; a running transaction is finished first. */
  changeAvailability(connectorId: number, operative: boolean): "Accepted" | "Scheduled" | "Rejected" {
    if (!this.has(connectorId)) return "Rejected";
    const concerned = this.#connectors.filter(({ id }) => connectorId === 0 || id === connectorId);
    for (const connector of concerned) {
      connector.operative = operative;
      if (isIdle(connector))
        this.#device.after(0, () => this.#become(connector, this.#idleStatus(connector)));
    }
    return concerned.every(isIdle) ? "Accepted" : "Scheduled";
  }

  reserve(connectorId: number, id: number, idTag: string, expiryDate: string): string {
    const connector = this.#connector(connectorId);
    if (!connector) return "Rejected";
    if (connector.status === "Faulted" || connector.status === "Unavailable") return connector.status;
    if (connector.status !== "Available" && connector.reservation?.id !== id) return "Occupied";
    connector.reservation?.cancelExpiry();
    const expiresInMs = Date.parse(expiryDate) - this.#device.now().getTime();
    const cancelExpiry = this.#device.after(expiresInMs, () => void this.cancelReservation(id));
    connector.reservation = { id, idTag, cancelExpiry };
    this.#device.after(0, () => this.#become(connector, "Reserved"));
    return "Accepted";
  }

  cancelReservation(id: number): "Accepted" | "Rejected" {
    const connector = this.#connectors.find(({ reservation }) => reservation?.id === id);
    if (!connector) return "Rejected";
    this.#endReservation(connector);
    this.#device.after(0, () => this.#become(connector, this.#idleStatus(connector)));
    return "Accepted";
  }

  /** Ends every transaction before a soft reset (OCPP 1.6 §5.14). */
  async stopAll(): Promise<void> {
    for (const connector of this.#connectors) {
      if (connector.transaction) await this.#stop(connector, "SoftReset");
    }
  }

  async #start(connector: Connector, idTag: string, authorize: boolean): Promise<void> {
    await this.#become(connector, "Preparing");
    if (authorize) {
      const { idTagInfo } = await this.#device.call("Authorize", { idTag });
      if ((idTagInfo as IdTagInfo).status !== "Accepted") {
        return this.#become(connector, this.#idleStatus(connector));
      }
    }
    const transaction = this.#open(connector, idTag);
    const answer = await transaction.started;
    if (connector.transaction !== transaction) return;
    if (!answer) {
      delete connector.transaction;
      return this.#become(connector, this.#idleStatus(connector));
    }
    if ((answer.idTagInfo as IdTagInfo).status !== "Accepted") return this.#end(connector, "DeAuthorized");
    await this.#become(connector, "Charging");
    this.#sample(connector, transaction);
  }

  #open(connector: Connector, idTag: string): Transaction {
    const startedAt = this.#device.now();
    const reservationId = connector.reservation?.id;
    this.#endReservation(connector);
    const started = this.#device
      .report("StartTransaction", {
        connectorId: connector.id,
        idTag,
        meterStart: Math.round(connector.meterWh),
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
    const transaction: Transaction = { idTag, startedAt, started };
    connector.transaction = transaction;
    return transaction;
  }

  /** MeterValues at the configured interval, for as long as it is configured and the transaction runs. */
  #sample(connector: Connector, transaction: Transaction): void {
    const seconds = this.#configuration.integer("MeterValueSampleInterval");
    if (seconds === 0 || connector.transaction !== transaction) return;
    transaction.cancelSampling = this.#device.after(seconds * 1000, async () => {
      await this.#device.report("MeterValues", this.#meterValues(connector, "Sample.Periodic"));
      this.#sample(connector, transaction);
    });
  }

  async #end(connector: Connector, reason: StopReason): Promise<void> {
    if (!connector.transaction) return;
    await this.#stop(connector, reason);
    await this.#become(connector, "Finishing");
    this.#device.after(this.#device.stepMs, () => this.#become(connector, this.#idleStatus(connector)));
  }

  async #stop(connector: Connector, reason: StopReason): Promise<void> {
    const { transaction } = connector;
    if (!transaction) return;
    delete connector.transaction;
    transaction.cancelSampling?.();
    const stoppedAt = this.#device.now();
    connector.meterWh += energyWh(transaction.startedAt, stoppedAt);
    await transaction.started;
    if (transaction.id === undefined) return;
    await this.#device.report("StopTransaction", {
      transactionId: transaction.id,
      idTag: transaction.idTag,
      meterStop: Math.round(connector.meterWh),
      timestamp: stoppedAt.toISOString(),
      reason,
    });
  }

  async #become(connector: Connector, status: Status): Promise<void> {
    connector.status = status;
    await this.reportStatus(connector.id);
  }

  #idleStatus(connector: Connector): Status {
    if (!connector.operative) return "Unavailable";
    return connector.reservation ? "Reserved" : "Available";
  }

  #endReservation(connector: Connector): void {
    connector.reservation?.cancelExpiry();
    delete connector.reservation;
  }

  #connector(connectorId: number): Connector | undefined {
    return this.#connectors[connectorId - 1];
  }

  #statusNotification(connectorId: number): Payload {
    const status = this.#connector(connectorId)?.status ?? "Available";
    return {
      connectorId,
      status,
      errorCode: status === "Faulted" ? "ConnectorLockFailure" : "NoError",
      timestamp: this.#device.now().toISOString(),
    };
  }

  #meterValues(connector: Connector | number, context: string): Payload {
    const now = this.#device.now();
    const measurands = this.#configuration.text("MeterValuesSampledData").split(",");
    if (typeof connector === "number") {
      return { connectorId: connector, meterValue: [meterValue(now, context, measurands, 0, false)] };
    }
    const { id, transaction, meterWh } = connector;
    const register = meterWh + (transaction ? energyWh(transaction.startedAt, now) : 0);
    return {
      connectorId: id,
      ...(transaction?.id === undefined ? {} : { transactionId: transaction.id }),
      meterValue: [meterValue(now, context, measurands, register, transaction !== undefined)],
    };
  }
}

interface IdTagInfo {
  readonly status: string;
}

const isIdle = ({ status }: Connector) =>
  status === "Available" || status === "Unavailable" || status === "Faulted" || status === "Reserved";
