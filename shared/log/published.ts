/** The log entries of stations' messages that are events, too: no write is made for these events. */

import type { EventType, TypeOnRequest } from "../event-types.ts";

const types: ReadonlyMap<string, EventType> = new Map([
  ["FirmwareStatusNotification", "station.firmwareStatus"],
  ["SignedFirmwareStatusNotification", "station.firmwareStatus"],
  ["LogStatusNotification", "station.logStatus"],
  ["DiagnosticsStatusNotification", "station.logStatus"],
  ["SecurityEventNotification", "station.securityEvent"],
  ["DataTransfer", "station.dataTransfer"],
  ["MeterValues", "transaction.meterValues"],
  ["TransactionEvent", "transaction.meterValues"],
  ["StopTransaction", "transaction.meterValues"],
]);

/** The event that a message of this action is. */
export const eventTypeOf = (action: string): EventType | undefined => types.get(action);

/**
 * Whether a station's message is to be published.
 *
 * @param publish the types that its network asks for
 */
export function isPublished(
  { action, payload }: { readonly action: string; readonly payload: unknown },
  publish: readonly TypeOnRequest[],
): boolean {
  const type = eventTypeOf(action);
  if (type !== "transaction.meterValues") return type !== undefined;
  return publish.includes(type) && meterValuesOf(payload).length > 0;
}

/** The meter values of a message, where it has any: of StopTransaction they are the `transactionData`. */
export function meterValuesOf(payload: unknown): readonly unknown[] {
  const { meterValue, transactionData } = (payload ?? {}) as {
    meterValue?: unknown;
    transactionData?: unknown;
  };
  const values = meterValue ?? transactionData;
  return Array.isArray(values) ? values : [];
}
