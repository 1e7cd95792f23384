import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command, CommandRow } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { route } from "./route.ts";

type Input = InputOf<typeof route>;

/** 1.6 §5.1 and H02, Cancel Reservation */
const row: CommandRow<Input, StatusOutput> = {
  run: ({ reservationId }, session) => sendForStatus(session, "CancelReservation", { reservationId }),
};

export const cancelReservation: Command<Input, StatusOutput> = {
  name: "cancel_reservation",
  rows: { v16: row, v2: row },
};
