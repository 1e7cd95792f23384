/**
 * What a station's message changes here. API Gateway promises no order between messages and stations repeat
 * what was not answered, so each change is one that may come late or twice: guarded by the message's own
 * time, or made once by its content.
 */

import type { AttemptDeps } from "../attempts/store.ts";
import { takeListPart } from "../calls/list-parts.ts";
import { firmwareOf, takeBootedFirmware, takeWorkReport } from "../calls/work.ts";
import { takeReportPart } from "../configuration/report-parts.ts";
import type { Outcome } from "../dialects/station-call.ts";
import type { BootEvent, StationEvent } from "../dialects/station-event.ts";
import type { Speaker } from "../handshake/authenticate.ts";
import { stationKey } from "../store/keys.ts";
import { payloadText } from "../store/payload.ts";
import { type Table, tryWrite, type Update } from "../store/table.ts";
import { iso } from "../time.ts";
import { ACCEPTED } from "../tokens/authorization.ts";
import { authorize } from "./authorize.ts";
import { applyConnectorStatus } from "./connector-status.ts";
import type { Receipt } from "./receipt.ts";
import { endTransaction } from "./stop-transaction.ts";
import { takeTransactionReport } from "./transactions-v2.ts";
import { startTransaction } from "./transactions-v16.ts";

/** Applies an event and returns the values that its answer needs. */
export async function applyEvent(
  deps: AttemptDeps,
  speaker: Speaker,
  event: StationEvent,
  receipt: Receipt,
): Promise<Outcome> {
  const { table } = deps;
  const { now } = receipt;
  const authorizationOf = (idTag: string, type?: string) => authorize(table, speaker, { idTag, type }, now);
  switch (event.type) {
    case "boot":
      await applyBoot(table, speaker, event, now);
      return {};
    case "workStatus":
      await takeWorkReport(table, speaker.cpId, event, receipt.receivedAtMs);
      return {};
    case "connectorStatus":
      await applyConnectorStatus(deps, speaker, event, receipt);
      return {};
    case "connectorStatuses":
      // one after the other: they are changes of one item
      for (const status of event.statuses) await applyConnectorStatus(deps, speaker, status, receipt);
      return {};
    case "transactionStarted": {
      const { transactionId, attemptId } = await startTransaction(deps, speaker, event, receipt);
      const authorization = attemptId === undefined ? await authorizationOf(event.idTag) : ACCEPTED;
      return { transactionId, authorization };
    }
    case "transactionEnded": {
      // a charge that has ended authorizes nothing
      const outcome = event.idTag === undefined ? {} : { authorization: await authorizationOf(event.idTag) };
      await endTransaction(deps, speaker, event, now);
      return outcome;
    }
    case "transactionReport": {
      const { idTag, idTokenType, phase } = event;
      const before =
        idTag !== undefined && phase === "Ended" ? await authorizationOf(idTag, idTokenType) : undefined;
      const attemptId = await takeTransactionReport(deps, speaker, event, receipt);
      if (idTag === undefined) return {};
      if (attemptId !== undefined) return { authorization: ACCEPTED };
      return { authorization: before ?? (await authorizationOf(idTag, idTokenType)) };
    }
    case "reportPart":
      await takeReportPart(table, speaker.cpId, event, now);
      return {};
    case "listPart":
      await takeListPart(table, speaker.cpId, event, receipt);
      return {};
    case "authorize":
      return { authorization: await authorizationOf(event.idTag, event.idTokenType) };
  }
}

/** A change of a station that is still registered and fits what is known; otherwise nothing. */
async function changeStation(
  table: Table,
  { condition, ...change }: Omit<Update, "key" | "returning"> & { cpId: string },
): Promise<void> {
  const { cpId, ...update } = change;
  const isRegistered = "attribute_exists(pk)";
  await tryWrite(
    table.update({
      ...update,
      key: stationKey(cpId),
      condition: condition ? `${isRegistered} AND (${condition})` : isRegistered,
    }),
  );
}

async function applyBoot(table: Table, { cpId }: Speaker, { boot }: BootEvent, now: number): Promise<void> {
  const firmware = firmwareOf(boot);
  if (firmware !== undefined) await takeBootedFirmware(table, cpId, firmware);
  await changeStation(table, {
    cpId,
    // another firmware may take other messages
    update:
      "SET boot = :boot, bootAt = :now REMOVE refusals, getVariablesItems, getVariablesBytes, setVariablesItems, setVariablesBytes",
    condition: "attribute_not_exists(bootAt) OR bootAt <= :now",
    values: { ":boot": payloadText(boot), ":now": iso(now) },
  });
}
