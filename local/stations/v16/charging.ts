/** What drivers and the CSMS do at a station's connectors. */

import type { Device, Rules } from "../behaviour.ts";
import type { Profiles } from "../profiles.ts";
import type { Configuration } from "./configuration.ts";
import { Connector, statusNotification } from "./connector.ts";
import { profileOf } from "./profiles.ts";
import type { Requests } from "./requests.ts";

export class Charging {
  readonly #device: Device;
  readonly #configuration: Configuration;
  readonly #profiles: Profiles;
  readonly #connectors: readonly Connector[];

  constructor(device: Device, configuration: Configuration, { profiles, isListed }: Rules) {
    this.#profiles = profiles;
    this.#device = device;
    this.#configuration = configuration;
    this.#connectors = Array.from(
      { length: device.connectors },
      (_, index) => new Connector(index + 1, device, configuration, { profiles, isListed }),
    );
  }

  /** After a boot: what a hard reset cut off is stopped, then every connector is reported. */
  async announce(): Promise<void> {
    await this.reportStatus(0);
    for (const connector of this.#connectors) {
      await connector.stop("HardReset");
      await connector.rest();
    }
  }

  /** Puts on the meters what was charged until now. */
  settle(): void {
    for (const connector of this.#connectors) connector.settle();
  }

  isChargingAt(connectorId: number): boolean {
    return this.#connector(connectorId)?.transaction !== undefined;
  }

  get isCharging(): boolean {
    return this.#connectors.some(({ transaction }) => transaction !== undefined);
  }

  /** Connector 0 is the station itself. */
  has(connectorId: number): boolean {
    return connectorId === 0 || this.#connector(connectorId) !== undefined;
  }

  async reportStatus(connectorId: number): Promise<void> {
    const station = statusNotification(0, "Available", this.#device.now());
    await (this.#connector(connectorId)?.report() ?? this.#device.report("StatusNotification", station));
  }

  /** The station has no main meter: connector 0 reports all of them. */
  async reportMeter(connectorId: number): Promise<void> {
    for (const connector of this.#concerned(connectorId)) await connector.reportMeter("Trigger");
  }

  /** OCPP 1.6 §5.11: without a connector the station chooses one. */
  remoteStart({
    connectorId,
    idTag,
    chargingProfile,
  }: Requests["RemoteStartTransaction"]): "Accepted" | "Rejected" {
    const connector = this.#connectors.find(
      (each) => (connectorId ?? each.id) === each.id && each.isFreeFor(idTag),
    );
    if (!connector) return "Rejected";
    // Taken from now on, although the driver plugs in a moment later.
    connector.status = "Preparing";
    if (chargingProfile) this.#profiles.set(connector.id, profileOf(chargingProfile), chargingProfile);
    const authorize = this.#configuration.isOn("AuthorizeRemoteTxRequests");
    this.#device.after(this.#device.stepMs, () => connector.start(idTag, authorize));
    return "Accepted";
  }

  remoteStop(transactionId: number): "Accepted" | "Rejected" {
    const connector = this.#connectors.find(({ transaction }) => transaction?.id === transactionId);
    if (!connector) return "Rejected";
    this.#device.after(this.#device.stepMs, () => connector.end("Remote"));
    return "Accepted";
  }

  async startCharging(connectorId: number, idTag: string): Promise<void> {
    const connector = this.#connector(connectorId);
    if (!connector?.isFreeFor(idTag)) throw new Error(`connector ${connectorId} is not free`);
    await connector.start(idTag, true);
  }

  async stopCharging(connectorId: number): Promise<void> {
    const connector = this.#connector(connectorId);
    if (!connector?.transaction) throw new Error(`nobody charges at connector ${connectorId}`);
    await connector.end("Local");
  }

  unlock(connectorId: number): "Unlocked" | "UnlockFailed" | "NotSupported" {
    const connector = this.#connector(connectorId);
    if (!connector) return "NotSupported";
    if (connector.status === "Faulted") return "UnlockFailed";
    this.#device.after(0, () => connector.end("UnlockCommand"));
    return "Unlocked";
  }

  /** OCPP 1.6 §5.2: connector 0 means all; a running charge is finished first. */
  changeAvailability(connectorId: number, operative: boolean): "Accepted" | "Scheduled" | "Rejected" {
    if (!this.has(connectorId)) return "Rejected";
    const concerned = this.#concerned(connectorId);
    const idle = concerned.filter(({ isIdle }) => isIdle);
    for (const connector of concerned) connector.operative = operative;
    for (const connector of idle) this.#device.after(0, () => connector.rest());
    return idle.length === concerned.length ? "Accepted" : "Scheduled";
  }

  reserve(connectorId: number, id: number, idTag: string, expiryDate: string): string {
    const connector = this.#connector(connectorId);
    if (!connector) return "Rejected";
    if (connector.status === "Faulted" || connector.status === "Unavailable") return connector.status;
    if (connector.status !== "Available" && connector.reservation?.id !== id) return "Occupied";
    connector.endReservation();
    const expiresInMs = Date.parse(expiryDate) - this.#device.now().getTime();
    const cancelExpiry = this.#device.after(expiresInMs, () => void this.cancelReservation(id));
    connector.reservation = { id, idTag, cancelExpiry };
    connector.status = "Reserved";
    this.#device.after(0, () => connector.rest());
    return "Accepted";
  }

  cancelReservation(id: number): "Accepted" | "Rejected" {
    const connector = this.#connectors.find(({ reservation }) => reservation?.id === id);
    if (!connector) return "Rejected";
    connector.endReservation();
    this.#device.after(0, () => connector.rest());
    return "Accepted";
  }

  /** Ends every transaction before a soft reset (OCPP 1.6 §5.14). */
  async stopAll(): Promise<void> {
    for (const connector of this.#connectors) await connector.stop("SoftReset");
  }

  #connector(connectorId: number): Connector | undefined {
    return this.#connectors[connectorId - 1];
  }

  #concerned(connectorId: number): readonly Connector[] {
    return this.#connectors.filter(({ id }) => connectorId === 0 || id === connectorId);
  }
}
