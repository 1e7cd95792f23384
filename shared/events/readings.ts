/** Meter readings in one form for all versions. The payload is as the station sent it, whatever its schema asks for. */

import { meterValuesOf } from "../log/published.ts";

export interface Reading {
  readonly timestamp?: string;
  readonly measurand: string;
  readonly value?: number;
  readonly text?: string;
  readonly unit?: string;
  readonly phase?: string;
  readonly context?: string;
  readonly location?: string;
}

type Members = Readonly<Record<string, unknown>>;

/** The defaults of both versions (1.6 §7.43, 2.x part 2 SampledValueType). */
const REGISTER = "Energy.Active.Import.Register";

export const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null ? (value as Members) : {};

/** A text, or a number that stands for one. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;

export function readingsOf(payload: unknown): Reading[] {
  return meterValuesOf(payload).flatMap((one) => {
    const { timestamp, sampledValue } = membersOf(one);
    const samples = Array.isArray(sampledValue) ? sampledValue : [sampledValue];
    return samples.flatMap((sample) => readingOf(membersOf(sample), textOf(timestamp)));
  });
}

function readingOf(sample: Members, timestamp: string | undefined): Reading[] {
  const stated = textOf(sample.value);
  if (stated === undefined) return [];
  const { unit: unitOf2, multiplier = 0 } = membersOf(sample.unitOfMeasure);
  const measurand = textOf(sample.measurand) ?? REGISTER;
  const unit = textOf(sample.unit) ?? textOf(unitOf2) ?? (measurand.startsWith("Energy.") ? "Wh" : undefined);
  const value = numberOf(stated, multiplier);
  return [
    {
      ...(timestamp !== undefined && { timestamp }),
      measurand,
      ...(value === undefined ? { text: stated } : { value }),
      ...(unit !== undefined && { unit }),
      ...textsOf(sample, ["phase", "context", "location"]),
    },
  ];
}

const NUMBER = /^\s*([+-]?\d+(?:\.\d*)?)\s*$/;

/** Written as a decimal: 1.1 times 10 to the 3rd is 1100, not 1100.0000000000002. */
function numberOf(stated: string, multiplier: unknown): number | undefined {
  const [, digits] = NUMBER.exec(stated) ?? [];
  const isPlain = typeof multiplier === "number" && Number.isInteger(multiplier);
  const value = Number(digits === undefined || !isPlain ? Number.NaN : `${digits}e${multiplier}`);
  return Number.isFinite(value) ? value : undefined;
}

/** Those of the members that are texts. */
export const textsOf = <Name extends string>(from: Members, names: readonly Name[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = textOf(from[name]);
      return text === undefined ? [] : [[name, text]];
    }),
  ) as Partial<Record<Name, string>>;
