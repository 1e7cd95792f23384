import type { FromSchema } from "json-schema-to-ts";
import { utc } from "../../schema/date-time.ts";
import type { DeepReadonly } from "../../schema/deep-readonly.ts";
import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { Session } from "../session.ts";
import { retriesOf } from "../work-members.ts";
import type { getLogBody } from "./route.ts";

export type GetLogInput = DeepReadonly<FromSchema<typeof getLogBody>>;

/** OCPP 2.x N01 and the security extension of 1.6, L01: the same message. */
function getLog({ log, location, from, to, ...input }: GetLogInput, session: Session): Promise<StatusOutput> {
  const work = { kind: "log", isNumbered: true } as const;
  return sendForStatus(
    session,
    "GetLog",
    {
      logType: log === "security" ? "SecurityLog" : "DiagnosticsLog",
      requestId: session.ownNumber,
      ...retriesOf(input),
      log: {
        remoteLocation: location,
        ...(from !== undefined && { oldestTimestamp: utc(from) }),
        ...(to !== undefined && { latestTimestamp: utc(to) }),
      },
    },
    work,
  );
}

export const getLogCommand: Command<GetLogInput, StatusOutput> = {
  name: "get_log",
  rows: {
    v16: {
      run(input, session) {
        const { log, location, from, to } = input;
        if (log === "security") return getLog(input, session);
        /** §6.1 GetDiagnostics: the answer is the name of the file. */
        const work = { kind: "log", isNumbered: false } as const;
        return sendForStatus(
          session,
          "GetDiagnostics",
          {
            location,
            ...retriesOf(input),
            ...(from !== undefined && { startTime: utc(from) }),
            ...(to !== undefined && { stopTime: utc(to) }),
          },
          work,
        );
      },
    },
    v2: { run: getLog },
  },
};
