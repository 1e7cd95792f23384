import type { Payload } from "../behaviour.ts";

/** Every connector charges with this: three phases of 16 A. */
const POWER_W = 11_000;

export const energyWh = (from: Date, to: Date): number =>
  (POWER_W * (to.getTime() - from.getTime())) / 3_600_000;

/** The measurands this meter has, of those asked for; never none, which no MeterValues may have. */
export function meterValue(
  at: Date,
  context: string,
  measurands: readonly string[],
  registerWh: number,
  charging: boolean,
): Payload {
  const readings: Record<string, { value: number; unit: string }> = {
    "Energy.Active.Import.Register": { value: Math.round(registerWh), unit: "Wh" },
    "Power.Active.Import": { value: charging ? POWER_W : 0, unit: "W" },
    "Current.Import": { value: charging ? 16 : 0, unit: "A" },
  };
  const asked = Object.keys(readings).filter((measurand) => measurands.includes(measurand));
  const measured = asked.length > 0 ? asked : ["Energy.Active.Import.Register"];
  return {
    timestamp: at.toISOString(),
    sampledValue: measured.map((measurand) => ({
      value: String(readings[measurand]?.value),
      unit: readings[measurand]?.unit,
      measurand,
      context,
    })),
  };
}
