/** How a local list is cut into CALLs. */

import { FRAME_LIMIT } from "../../ocpp/frame.ts";

/** How much of a list a station takes in one message. */
export interface ListLimits {
  readonly entries?: number;
  readonly bytes?: number;
}

/** So many entries are sent without asking the station for its limits. */
export const UNASKED_ENTRIES = 10;

/** The maximum for a station that states no limit. */
const UNSTATED_ENTRIES = 50;

/** `[2,"<36 characters>","SendLocalList",{"versionNumber":…,"updateType":"Differential","localAuthorizationList":[…]}]` */
const ENVELOPE_BYTES = 200;

/** The number of CALLs, as far as it is known before the station is asked. */
export const plannedCalls = (entries: number): number =>
  entries <= UNASKED_ENTRIES ? 1 : 1 + Math.ceil(entries / UNSTATED_ENTRIES);

/** As few chunks as the limits allow, in order; one for an empty list. An entry that is too large goes alone. */
export function chunksOf(list: readonly object[], { entries, bytes }: ListLimits): object[][] {
  const most = entries ?? UNSTATED_ENTRIES;
  const room = Math.min(bytes ?? FRAME_LIMIT, FRAME_LIMIT) - ENVELOPE_BYTES;
  const chunks: object[][] = [[]];
  let used = 0;
  for (const entry of list) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    const chunk = chunks.at(-1) as object[];
    if (chunk.length > 0 && (chunk.length >= most || used + size > room)) {
      chunks.push([entry]);
      used = size;
    } else {
      chunk.push(entry);
      used += size;
    }
  }
  return chunks;
}
