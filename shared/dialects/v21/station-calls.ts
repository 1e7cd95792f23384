/** OCPP 2.1 part 2: what stations send besides what 2.0.1 has. */

import type { sharedActions, stationActions } from "../../ocpp/v21/actions.ts";
import { DAY_MS, iso } from "../../time.ts";
import type { StationCall } from "../station-call.ts";
import { acknowledged, rejected, stationCalls as v2 } from "../v2/station-calls.ts";

type Action = (typeof stationActions)[number] | (typeof sharedActions)[number];

interface GetCertificateChainStatus {
  readonly certificateStatusRequests?: readonly {
    readonly certificateHashData: object;
    readonly source: string;
  }[];
}

interface VatNumberValidation {
  readonly vatNumber?: string;
  readonly evseId?: number;
}

/** When it may be worth asking again. */

export const stationCalls: Readonly<Record<Action, StationCall>> = {
  ...v2,

  BatterySwap: acknowledged,
  ClosePeriodicEventStream: acknowledged,

  /** We ask no OCSP responder and keep no revocation lists. */
  GetCertificateChainStatus: {
    repeats: true,
    answer: ({ certificateStatusRequests = [] }: GetCertificateChainStatus, { now }) => ({
      certificateStatus: certificateStatusRequests.map(({ certificateHashData, source }) => ({
        certificateHashData,
        source,
        status: "Failed",
        nextUpdate: iso(now + DAY_MS),
      })),
    }),
  },

  /** K15: charge, there is no profile for this EV. */
  NotifyEVChargingNeeds: { answer: () => ({ status: "NoChargingProfile" }) },

  NotifyDERAlarm: acknowledged,
  NotifyDERStartStop: acknowledged,
  NotifyPriorityCharging: acknowledged,
  NotifySettlement: acknowledged,

  /** A stream is opened because it was asked for; what it brings is in the communication log. */
  OpenPeriodicEventStream: { answer: () => ({ status: "Accepted" }) },

  /** We make no charging schedules. */
  PullDynamicScheduleUpdate: rejected,

  ReportDERControl: acknowledged,

  VatNumberValidation: {
    repeats: true,
    answer: ({ vatNumber, evseId }: VatNumberValidation) => ({
      vatNumber,
      status: "Rejected",
      ...(evseId !== undefined && { evseId }),
    }),
  },
};
