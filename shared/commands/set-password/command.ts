import type { SetVariableResult } from "../../dialects/v2/answers.ts";
import { SET_PASSWORD } from "../../handshake/password-answer.ts";
import { authorizationKeyOf } from "../../handshake/password-hash.ts";
import { versionOf } from "../../ocpp/versions.ts";
import { Problem } from "../../problems.ts";
import type { StationAuth, StationItem } from "../../store/items.ts";
import type { StatusOutput } from "../answers.ts";
import type { Command } from "../command.ts";
import type { Answer } from "../session.ts";

export interface SetPasswordInput {
  /** 16 to 40 characters. */
  readonly password: string;
}

export interface SetPasswordOutput extends StatusOutput {
  /** Whether the station was sent the password of an earlier request of the same key, not this one. */
  readonly sentBefore: boolean;
}

/**
 * Never queued: the password would have to be stored until it goes out. The session makes it valid before it is sent,
 * as it does for every CALL that carries one.
 */
export const setPassword: Command<SetPasswordInput, SetPasswordOutput> = {
  name: SET_PASSWORD,
  verify,
  rows: {
    /** White paper "Improved security for OCPP 1.6-J", use case A01: the password's bytes as hexadecimal digits. */
    v16: {
      run: ({ password }, session) =>
        newPasswordTold(
          session.call("ChangeConfiguration", {
            key: "AuthorizationKey",
            value: authorizationKeyOf(Buffer.from(password)),
          }),
          ({ status }) => status,
        ),
    },

    /** A01 Update Charging Station Password for HTTP Basic Authentication: the text as it is. */
    v2: {
      run: ({ password }, session) =>
        newPasswordTold(
          session.call("SetVariables", {
            setVariableData: [
              {
                component: { name: "SecurityCtrlr" },
                variable: { name: "BasicAuthPassword" },
                attributeValue: password,
              },
            ],
          }),
          ({ setVariableResult }) => (setVariableResult as SetVariableResult[])[0]?.attributeStatus,
        ),
    },
  },
};

/** What OCPP 1.6 takes: 16 to 20 bytes, or the same as hexadecimal digits. */
const V16_PASSWORD = /^(?:.{16,20}|(?:[0-9a-f]{2}){16,20})$/i;

function verify({ auth, connection }: StationItem, { password }: SetPasswordInput): void {
  if (auth.type !== "basic") throw notBasic(auth);
  if (connection && versionOf(connection.protocol).hasByteKeys && !V16_PASSWORD.test(password))
    throw invalid(
      "/password",
      "must be 16 to 20 characters long, or 32 to 40 hexadecimal digits: the station speaks OCPP 1.6",
    );
}

const notBasic = ({ type }: StationAuth): Problem =>
  invalid("", `is for stations with auth.type basic; this one has ${type}`);

const invalid = (pointer: string, detail: string): Problem =>
  new Problem("invalid-request", "This password cannot be set on the station; see `errors`.", {
    errors: [{ pointer, detail }],
  });

/** What came of the CALL. @param statusOf the station's word */
async function newPasswordTold(
  call: Promise<Answer>,
  statusOf: (payload: NonNullable<Answer["payload"]>) => unknown,
): Promise<SetPasswordOutput> {
  const { ocppMessageId, payload, sentBefore } = await call;
  return { ocppMessageId, sentBefore, ...(payload && { status: statusOf(payload) as string }) };
}
