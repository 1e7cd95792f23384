/** Makes visible how stations deviate from their schemas, without drowning the log in it. */

import { logger } from "../logger.ts";
import { count } from "../metrics.ts";
import type { Violation } from "../schema/validate.ts";
import type { StationItem } from "../store/items.ts";
import { stationKey } from "../store/keys.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";
import { DAY_MS, iso } from "../time.ts";

/** What deviates: a CALL of the station, or its answer to a CALL of that action. */
export interface Deviation {
  readonly cpId: string;
  readonly action: string;
  readonly violations: readonly Violation[];
  readonly now: number;
}

/** As many kinds are warned of on one connection; the counts go on. */
const MAX_KINDS = 100;

/**
 * Counts a message with violations on its station's item, in a write that only such messages cost, and logs a
 * warning for each kind that the connection has not had: an action with a place in its payload and a keyword of its
 * schema. The kinds are on the station's item, as a connection's messages meet several environments of the function;
 * `beginConnection` removes them.
 */
export async function noteDeviation(
  table: Table,
  { cpId, action, violations, now }: Deviation,
): Promise<void> {
  if (violations.length === 0) return;
  count("violations");
  const kinds = new Map(violations.map((violation) => [kindOf(action, violation), violation]));
  const counted = { cpId, action, now };
  const { applied, item: before } = await tryWrite<StationItem>(
    table.update(countUpdate(counted, new Set(kinds.keys()))),
  );
  if (!applied) {
    // the station was deleted, or has the maximum of kinds
    await tryWrite(table.update(countUpdate(counted)));
    return;
  }
  const fresh = [...kinds].filter(([kind]) => !before?.violationKinds?.has(kind));
  if (fresh.length > 0)
    logger.warn("a station deviates from its OCPP schema", {
      action,
      violations: fresh.map(([, { pointer, detail }]) => `${pointer || "the message"} ${detail}`),
    });
}

/** Indexes are left out: the tenth of a list deviates like the first. */
const kindOf = (action: string, { pointer, keyword }: Violation): string =>
  [action, pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*"), keyword].join(" ");

/** The place and the keyword of a kind. Texts of a station in it may contain spaces; keywords do not. */
export function kindParts(
  action: string,
  kind: string,
): { readonly pointer: string; readonly keyword: string } {
  const rest = kind.slice(action.length + 1);
  const space = rest.lastIndexOf(" ");
  return { pointer: rest.slice(0, space), keyword: rest.slice(space + 1) };
}

function countUpdate(
  { cpId, action, now }: Pick<Deviation, "cpId" | "action" | "now">,
  kinds?: ReadonlySet<string>,
): Update {
  const hasRoom = "(attribute_not_exists(violationKinds) OR size(violationKinds) < :most)";
  return {
    key: stationKey(cpId),
    update: `SET lastViolation = :last ADD violationCount :one${kinds ? ", violationKinds :kinds" : ""}`,
    condition: `attribute_exists(pk)${kinds ? ` AND ${hasRoom}` : ""}`,
    values: {
      ":last": { at: iso(now), action },
      ":one": 1,
      ...(kinds && { ":kinds": kinds, ":most": MAX_KINDS }),
    },
    returning: "ALL_OLD",
  };
}

/** What a station loses something by: its boot, a charge. */
const VITAL: ReadonlySet<string> = new Set([
  "BootNotification",
  "StartTransaction",
  "StopTransaction",
  "TransactionEvent",
]);

/** So many refusals in a row are no accident. */
const AGAIN_AND_AGAIN = 3;

/**
 * Counts refused boots and transactions on the station's item. From the third one in a row the metric counts them;
 * a warning is logged at the third, the tenth and each hundredth. A day without one, or an accepted boot, ends the row.
 */
export async function noteRefusal(
  table: Table,
  {
    cpId,
    action,
    errorCode,
    now,
  }: Pick<Deviation, "cpId" | "action" | "now"> & { readonly errorCode: string },
): Promise<void> {
  if (!VITAL.has(action)) return;
  const last = { lastAt: iso(now), lastAction: action, lastErrorCode: errorCode };
  const refusals = await countRefusal(table, cpId, last, now);
  if (refusals === undefined || refusals < AGAIN_AND_AGAIN) return;
  count("refusedAgain");
  if (refusals === AGAIN_AND_AGAIN || refusals === 10 || refusals % 100 === 0)
    logger.warn("a station is refused again and again", { action, errorCode, refusals });
}

async function countRefusal(
  table: Table,
  cpId: string,
  last: Omit<NonNullable<StationItem["refusals"]>, "count">,
  now: number,
): Promise<number | undefined> {
  const goesOn: Update = {
    key: stationKey(cpId),
    update:
      "SET refusals.#count = refusals.#count + :one, refusals.lastAt = :at, refusals.lastAction = :action, refusals.lastErrorCode = :code",
    condition: "attribute_exists(refusals) AND refusals.lastAt >= :since",
    names: { "#count": "count" },
    values: {
      ":one": 1,
      ":at": last.lastAt,
      ":action": last.lastAction,
      ":code": last.lastErrorCode,
      ":since": iso(now - DAY_MS),
    },
    returning: "ALL_NEW",
  };
  const { applied, item } = await tryWrite<StationItem>(table.update(goesOn));
  if (applied) return item?.refusals?.count;
  await tryWrite(
    table.update({
      key: stationKey(cpId),
      update: "SET refusals = :first",
      condition: "attribute_exists(pk)",
      values: { ":first": { count: 1, ...last } },
    }),
  );
  return 1;
}
