import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command, CommandRow } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { route } from "./route.ts";

type Input = InputOf<typeof route>;

/** M04 Delete a specific certificate, also of the white paper for 1.6 */
const row: CommandRow<Input, StatusOutput> = {
  run: ({ certificateHashData }, session) =>
    sendForStatus(session, "DeleteCertificate", { certificateHashData }),
};

export const deleteCertificate: Command<Input, StatusOutput> = {
  name: "delete_certificate",
  rows: { v16: row, v2: row },
};
