/** The charging profiles of a simulated station, whatever its version: what they limit, and what they come to. */

/** A profile in the members that both versions have, its purpose without the version's prefix. */
export interface Profile {
  readonly id: number;
  readonly stackLevel: number;
  readonly purpose: "StationMax" | "TxDefault" | "Tx";
  readonly kind: string;
  readonly recurrency?: string | undefined;
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
  readonly transactionId?: string | number | undefined;
  readonly schedule: Schedule;
}

export interface Schedule {
  readonly chargingRateUnit: string;
  readonly startSchedule?: string;
  readonly duration?: number;
  readonly chargingSchedulePeriod: readonly { readonly startPeriod: number; readonly limit: number }[];
}

/** A transaction, as far as profiles depend on it. */
export interface Charge {
  readonly id?: string | number | undefined;
  readonly startedAt: Date;
}

interface Placed {
  /** 0 is the whole station. */
  readonly place: number;
  readonly profile: Profile;
}

/** What every place charges with: three phases of 16 A. */
export const POWER_W = 11_000;

const W_PER_A = POWER_W / 16;

const DAY_MS = 86_400_000;

/** A schedule is followed to the minute. */
const STEP_MS = 60_000;

export class Profiles<Source extends object = object> {
  #all: readonly (Placed & { readonly source: Source })[] = [];
  readonly #changed: () => void;

  /** @param changed called before limits change: what was charged until then was charged by the former ones */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @param source the profile as it came */
  set(place: number, profile: Profile, source: Source): void {
    this.#changed();
    // of one place, purpose and level there is one (1.6 §5.16, 2.x K01)
    const isReplaced = (other: Placed) =>
      other.profile.id === profile.id ||
      (other.place === place &&
        other.profile.purpose === profile.purpose &&
        other.profile.stackLevel === profile.stackLevel);
    this.#all = [...this.#all.filter((other) => !isReplaced(other)), { place, profile, source }];
  }

  matching(isMeant: (placed: Placed) => boolean): readonly (Placed & { readonly source: Source })[] {
    return this.#all.filter(isMeant);
  }

  /** @returns whether any profile was meant */
  clear(isMeant: (placed: Placed) => boolean): boolean {
    const left = this.#all.filter((placed) => !isMeant(placed));
    const isAny = left.length < this.#all.length;
    if (isAny) this.#changed();
    this.#all = left;
    return isAny;
  }

  /** The profiles of a transaction end with it. */
  endTransaction(place: number): void {
    this.#all = this.#all.filter((other) => other.profile.purpose !== "Tx" || other.place !== place);
  }

  /** With what a charge at a place is charged at a time, in W. */
  powerAt(place: number, at: Date, charge: Charge): number {
    return Math.min(
      POWER_W,
      this.#limit("StationMax", [0], at, charge),
      Math.min(this.#limit("Tx", [place], at, charge), this.#default(place, at, charge)),
    );
  }

  /** A profile of the transaction takes the place of the default. */
  #default(place: number, at: Date, charge: Charge): number {
    const hasOwn = this.#limit("Tx", [place], at, charge) < Number.POSITIVE_INFINITY;
    return hasOwn ? Number.POSITIVE_INFINITY : this.#limit("TxDefault", [0, place], at, charge);
  }

  /** The limit of the highest stack level that has one at that time; infinite if none has. */
  #limit(purpose: Profile["purpose"], places: readonly number[], at: Date, charge: Charge): number {
    const concerned = this.#all
      .filter(({ place, profile }) => profile.purpose === purpose && places.includes(place))
      .filter(
        ({ profile: { transactionId } }) =>
          transactionId === undefined ||
          charge.id === undefined ||
          String(transactionId) === String(charge.id),
      )
      .toSorted((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.place - a.place);
    for (const { profile } of concerned) {
      const limit = limitAt(profile, at, charge);
      if (limit !== undefined) return limit;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** What a charge took in between, in Wh. */
  energyWh(place: number, from: Date, to: Date, charge: Charge): number {
    let wattMs = 0;
    for (let at = from.getTime(); at < to.getTime(); at += STEP_MS) {
      const ms = Math.min(STEP_MS, to.getTime() - at);
      wattMs += this.powerAt(place, new Date(at), charge) * ms;
    }
    return wattMs / 3_600_000;
  }

  /** The limits of a place from now on, for a day at most, in as few periods as they have. */
  composite(place: number, from: Date, durationSeconds: number, unit: string): Schedule {
    const charge = { startedAt: from };
    const seconds = Math.min(Math.max(durationSeconds, 1), DAY_MS / 1000);
    const periods: { startPeriod: number; limit: number }[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const watts = this.powerAt(place, new Date(from.getTime() + second * 1000), charge);
      const limit = unit === "A" ? ampere(watts) : watts;
      if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod: second, limit });
    }
    return { duration: seconds, chargingRateUnit: unit, chargingSchedulePeriod: periods };
  }
}

/** The limit of one profile at a time, in W; undefined while it is not valid. */
function limitAt(
  { kind, recurrency, validFrom, validTo, schedule }: Profile,
  at: Date,
  { startedAt }: Charge,
) {
  const now = at.getTime();
  if (validFrom !== undefined && now < Date.parse(validFrom)) return undefined;
  if (validTo !== undefined && now >= Date.parse(validTo)) return undefined;
  const { startSchedule, duration, chargingRateUnit, chargingSchedulePeriod } = schedule;
  const start =
    kind === "Relative" || startSchedule === undefined ? startedAt.getTime() : Date.parse(startSchedule);
  if (now < start) return undefined;
  const turn = kind === "Recurring" ? DAY_MS * (recurrency === "Weekly" ? 7 : 1) : Number.POSITIVE_INFINITY;
  const seconds = ((now - start) % turn) / 1000;
  if (duration !== undefined && seconds >= duration) return undefined;
  const period = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds);
  return period && period.limit * (chargingRateUnit === "A" ? W_PER_A : 1);
}

/** The current of a power, in A. */
export const ampere = (watts: number): number => Math.round((watts / W_PER_A) * 10) / 10;
