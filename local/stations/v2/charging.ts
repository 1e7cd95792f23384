/** What drivers and the CSMS do at the EVSEs of a 2.x station. */

import type { Device, Rules } from "../behaviour.ts";
import type { Profiles } from "../profiles.ts";
import type { DeviceModel } from "./device-model.ts";
import { Evse } from "./evse.ts";
import { profileOf } from "./profiles.ts";
import type { Requests } from "./requests.ts";

export class Charging {
  readonly #device: Device;
  readonly #model: DeviceModel;
  readonly #evses: readonly Evse[];

  readonly #profiles: Profiles;

  constructor(device: Device, model: DeviceModel, { profiles, isListed }: Rules) {
    this.#profiles = profiles;
    this.#device = device;
    this.#model = model;
    this.#evses = Array.from(
      { length: device.connectors },
      (_, n) => new Evse(n + 1, device, model, { profiles, isListed }),
    );
  }

  /** After a boot every connector is reported. */
  async announce(): Promise<void> {
    for (const evse of this.#evses) await evse.rest();
  }

  /** All of them without an id, or with the station's, 0. */
  evses(id = 0): readonly Evse[] {
    return this.#evses.filter((evse) => id === 0 || evse.id === id);
  }

  /** F01: without an EVSE the station chooses one. */
  requestStart({
    evseId,
    idToken: token,
    remoteStartId,
    chargingProfile,
  }: Requests["RequestStartTransaction"]): "Accepted" | "Rejected" {
    const evse = this.evses(evseId).find((each) => each.isFreeFor(token.idToken));
    if (!evse) return "Rejected";
    // taken from now on, although the driver plugs in a moment later
    evse.status = "Occupied";
    // F01.FR.08: it is a profile of the transaction
    if (chargingProfile) this.#profiles.set(evse.id, profileOf(chargingProfile, "Tx"), chargingProfile);
    const authorize = this.#model.isOn("AuthCtrlr.AuthorizeRemoteStart");
    this.#device.after(this.#device.stepMs, () => evse.start(token, authorize, remoteStartId));
    return "Accepted";
  }

  requestStop(transactionId: string): "Accepted" | "Rejected" {
    const evse = this.#evses.find(({ transaction }) => transaction?.id === transactionId);
    if (!evse) return "Rejected";
    this.#device.after(this.#device.stepMs, () => evse.end("Remote"));
    return "Accepted";
  }

  /** Puts on the meters what was charged until now. */
  settle(): void {
    for (const evse of this.#evses) evse.settle();
  }

  isChargingAt(evseId: number): boolean {
    return this.#evses[evseId - 1]?.transaction !== undefined;
  }

  isOngoing(transactionId: string): boolean {
    return this.#evses.some(({ transaction }) => transaction?.id === transactionId);
  }

  get isCharging(): boolean {
    return this.#evses.some(({ transaction }) => transaction !== undefined);
  }

  async startCharging(evseId: number, idToken: string): Promise<void> {
    const evse = this.#evses[evseId - 1];
    if (!evse?.isFreeFor(idToken)) throw new Error(`EVSE ${evseId} is not free`);
    await evse.start({ idToken, type: "ISO14443" }, true);
  }

  async stopCharging(evseId: number): Promise<void> {
    const evse = this.#evses[evseId - 1];
    if (!evse?.transaction) throw new Error(`nobody charges at EVSE ${evseId}`);
    await evse.end("Local");
  }

  /** F05: a cable that is locked for a transaction stays locked. */
  unlock(evseId: number, connectorId: number): string {
    const evse = this.#evses[evseId - 1];
    if (!evse || connectorId !== 1) return "UnknownConnector";
    if (evse.status === "Faulted") return "UnlockFailed";
    return evse.transaction ? "OngoingAuthorizedTransaction" : "Unlocked";
  }

  /** G03, G04: a running charge is finished first. */
  changeAvailability(evseId: number | undefined, operative: boolean): "Accepted" | "Scheduled" | "Rejected" {
    const concerned = this.evses(evseId);
    if (concerned.length === 0) return "Rejected";
    const idle = concerned.filter(({ isIdle }) => isIdle);
    for (const evse of concerned) evse.operative = operative;
    for (const evse of idle) this.#device.after(0, () => evse.rest());
    return idle.length === concerned.length ? "Accepted" : "Scheduled";
  }

  reserve(evseId: number | undefined, id: number, idToken: string, expiryDateTime: string): string {
    const evse = this.#evses[(evseId ?? 0) - 1];
    if (!evse) return "Rejected";
    if (evse.status === "Faulted" || evse.status === "Unavailable") return evse.status;
    if (evse.status !== "Available" && evse.reservation?.id !== id) return "Occupied";
    evse.endReservation();
    const expiresInMs = Date.parse(expiryDateTime) - this.#device.now().getTime();
    const cancelExpiry = this.#device.after(expiresInMs, () => void this.cancelReservation(id));
    evse.reservation = { id, idToken, cancelExpiry };
    evse.status = "Reserved";
    this.#device.after(0, () => evse.rest());
    return "Accepted";
  }

  cancelReservation(id: number): "Accepted" | "Rejected" {
    const evse = this.#evses.find(({ reservation }) => reservation?.id === id);
    if (!evse) return "Rejected";
    evse.endReservation();
    this.#device.after(0, () => evse.rest());
    return "Accepted";
  }

  async stopAll(): Promise<void> {
    for (const evse of this.#evses) await evse.stop("ImmediateReset");
  }
}
