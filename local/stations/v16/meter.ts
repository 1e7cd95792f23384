import type { Payload } from "../behaviour.ts";
import { ampere } from "../profiles.ts";

/** The measurands this meter has, of those asked for; never none, which no MeterValues may have. */
export function meterValue(
  at: Date,
  context: string,
  measurands: readonly string[],
  registerWh: number,
  watts: number,
): Payload {
  const readings: Record<string, { value: number; unit: string }> = {
    "Energy.Active.Import.Register": { value: Math.round(registerWh), unit: "Wh" },
    "Power.Active.Import": { value: Math.round(watts), unit: "W" },
    "Current.Import": { value: ampere(watts), unit: "A" },
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
