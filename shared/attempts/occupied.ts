/** Words for a connector with a car plugged in: those of 1.6, and that of 2.x. */
const OCCUPIED: ReadonlySet<string> = new Set([
  "Preparing",
  "Charging",
  "SuspendedEV",
  "SuspendedEVSE",
  "Finishing",
  "Occupied",
]);

export const isOccupied = (status: string | undefined): boolean =>
  status !== undefined && OCCUPIED.has(status);
