import type { FromSchema } from "json-schema-to-ts";
import { utc } from "../../schema/date-time.ts";
import type { DeepReadonly } from "../../schema/deep-readonly.ts";
import { iso } from "../../time.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import { notSupported } from "../not-supported.ts";
import type { Session } from "../session.ts";
import { retriesOf } from "../work-members.ts";
import type { updateFirmwareBody } from "./route.ts";

type Input = DeepReadonly<FromSchema<typeof updateFirmwareBody>>;

const retrieveAtOf = ({ retrieveAt }: Input, session: Session): string =>
  retrieveAt === undefined ? iso(session.requestedAtMs) : utc(retrieveAt);

/** OCPP 2.x L01 UpdateFirmware, and SignedUpdateFirmware of the security extension of 1.6: the same payload. */
function update(action: string, input: Input, session: Session): Promise<StatusOutput> {
  const { location, installAt, signingCertificate, signature } = input;
  const work = { kind: "firmware", isNumbered: true } as const;
  return sendForStatus(
    session,
    action,
    {
      requestId: session.ownNumber,
      ...retriesOf(input),
      firmware: {
        location,
        retrieveDateTime: retrieveAtOf(input, session),
        ...(installAt !== undefined && { installDateTime: utc(installAt) }),
        ...(signingCertificate !== undefined && { signingCertificate }),
        ...(signature !== undefined && { signature }),
      },
    },
    work,
  );
}

export const updateFirmware: Command<Input, StatusOutput> = {
  name: "update_firmware",
  rows: {
    v16: {
      run(input, session) {
        const { location, installAt, signingCertificate, signature } = input;
        if (signingCertificate !== undefined || signature !== undefined)
          return update("SignedUpdateFirmware", input, session);
        if (installAt !== undefined)
          throw notSupported(session.protocol, "UpdateFirmware", "installAt in UpdateFirmware");
        /** §6.19 UpdateFirmware: the answer is empty. */
        const work = { kind: "firmware", isNumbered: false } as const;
        return sendForStatus(
          session,
          "UpdateFirmware",
          {
            location,
            retrieveDate: retrieveAtOf(input, session),
            ...retriesOf(input),
          },
          work,
        );
      },
    },
    v2: { run: (input, session) => update("UpdateFirmware", input, session) },
  },
};
