import { utc } from "../../schema/date-time.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { evseIdOf, namedConnector, verifyConnector } from "../named-connector.ts";
import type { route } from "./route.ts";

interface ReservationOutput extends StatusOutput {
  readonly reservationId: number;
}

export const reserveNow: Command<InputOf<typeof route>, ReservationOutput> = {
  name: "reserve_now",
  verify: verifyConnector,
  rows: {
    /** §5.13 Reserve Now: connector 0 is any. */
    v16: {
      async run({ idTag, expiresAt, reservationId, ...named }, session) {
        const number = reservationId ?? session.ownNumber;
        const output = await sendForStatus(session, "ReserveNow", {
          connectorId: evseIdOf(session.station, named),
          expiryDate: utc(expiresAt),
          idTag,
          reservationId: number,
        });
        return { ...output, reservationId: number };
      },
    },

    /** H01 Reservation */
    v2: {
      async run({ idTag, idTokenType = "Central", expiresAt, reservationId, ...named }, session) {
        const id = reservationId ?? session.ownNumber;
        const connector = namedConnector(session.station, named);
        const output = await sendForStatus(session, "ReserveNow", {
          id,
          expiryDateTime: utc(expiresAt),
          idToken: { idToken: idTag, type: idTokenType },
          ...(connector && { evseId: connector.evseId }),
        });
        return { ...output, reservationId: id };
      },
    },
  },
};
