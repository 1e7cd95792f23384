/** The energy register among the readings of a TransactionEvent (OCPP 2.x part 2, MeterValueType). */

interface SampledValue {
  readonly value?: number;
  /** @default "Sample.Periodic" */
  readonly context?: string;
  /** @default "Energy.Active.Import.Register" */
  readonly measurand?: string;
  readonly phase?: string;
  readonly location?: string;
  readonly unitOfMeasure?: { readonly unit?: string; readonly multiplier?: number };
}

interface MeterValue {
  readonly sampledValue?: readonly SampledValue[];
}

const REGISTER = "Energy.Active.Import.Register";
const contexts = { Started: "Transaction.Begin", Updated: undefined, Ended: "Transaction.End" } as const;

/** In Wh: that of the transaction's begin or end where one is marked so, else the newest of all phases. */
export function registerWh(
  meterValue: readonly MeterValue[] | undefined,
  phase: keyof typeof contexts,
): number | undefined {
  const readings = (meterValue ?? [])
    .flatMap(({ sampledValue = [] }) => sampledValue)
    .filter((sample) => (sample.measurand ?? REGISTER) === REGISTER && sample.phase === undefined);
  const marked = readings.findLast(({ context }) => context !== undefined && context === contexts[phase]);
  const reading = marked ?? (phase === "Started" ? readings[0] : readings.at(-1));
  return reading && inWh(reading);
}

function inWh({
  value,
  unitOfMeasure: { unit = "Wh", multiplier = 0 } = {},
}: SampledValue): number | undefined {
  if (value === undefined) return undefined;
  const wh = value * 10 ** multiplier * (unit === "kWh" ? 1000 : 1);
  // thousandths, as 1.1 kWh is 1100.0000000000002 otherwise; and DynamoDB takes no more than 38 digits
  return Math.abs(wh) < 1e15 ? Math.round(wh * 1000) / 1000 : undefined;
}
