/**
 * What a simulated station does with files: it uploads logs and installs firmware, step by step, and reports each
 * step. No file is moved.
 */

import type { Device, Payload } from "./behaviour.ts";

/** Reports a step of an upload or an update. */
type Report = (status: string) => Promise<Payload>;

export interface Update {
  readonly report: Report;
  /** When the download begins. */
  readonly retrieveAt: string;
  /** The steps between the download and the reboot. */
  readonly installing: readonly string[];
  /** Called before the station boots with the new firmware. */
  onReboot?(): void;
}

export class Files {
  /** What BootNotification names. */
  firmwareVersion = "1.0.0";
  /** The update that is under way, and whether the next boot completes it. */
  #underWay: { readonly report: Report; isInstalled: boolean } | undefined;
  #uploads = 0;
  readonly #device: Device;
  readonly #isCharging: () => boolean;

  constructor(device: Device, isCharging: () => boolean) {
    this.#device = device;
    this.#isCharging = isCharging;
  }

  /** Uploads a log after the answer. @returns the name of the file */
  upload(report: Report): string {
    this.#uploads += 1;
    this.#steps(["Uploading", "Uploaded"], report, () => {});
    return `${this.#device.identity}-${this.#uploads}.log`;
  }

  /** Downloads and installs firmware after the answer; a newer request replaces an older one. */
  update({ report, retrieveAt, installing, onReboot = () => {} }: Update): void {
    const waitMs = Math.max(Date.parse(retrieveAt) - this.#device.now().getTime(), 0) || 0;
    const own = { report, isInstalled: false };
    this.#underWay = own;
    const isReplaced = () => own !== this.#underWay;
    const reboot = () => {
      own.isInstalled = true;
      onReboot();
    };
    const steps = ["Downloading", "Downloaded", ...installing];
    this.#device.after(waitMs, () =>
      this.#steps(steps, report, () => this.#rebootWhenIdle(reboot, isReplaced), isReplaced),
    );
  }

  /** After a boot: an update that needed it is installed, and one that the boot interrupted has failed. */
  async announce(): Promise<void> {
    const update = this.#underWay;
    this.#underWay = undefined;
    await update?.report(update.isInstalled ? "Installed" : "InstallationFailed");
  }

  /** The station reports one step after the other, each a moment after the one before. */
  #steps(
    statuses: readonly string[],
    report: Report,
    done: () => void,
    isReplaced: () => boolean = () => false,
  ): void {
    const [status, ...rest] = statuses;
    if (status === undefined) {
      done();
      return;
    }
    this.#device.after(this.#device.stepMs, async () => {
      if (isReplaced()) return;
      await report(status);
      this.#steps(rest, report, done, isReplaced);
    });
  }

  /** A charge is not interrupted. */
  #rebootWhenIdle(onReboot: () => void, isReplaced: () => boolean): void {
    if (isReplaced()) return;
    if (this.#isCharging()) {
      this.#device.after(this.#device.stepMs, () => this.#rebootWhenIdle(onReboot, isReplaced));
      return;
    }
    const [major, minor, patch = 0] = this.firmwareVersion.split(".").map(Number);
    this.firmwareVersion = `${major}.${minor}.${patch + 1}`;
    onReboot();
    this.#device.reboot();
  }
}
