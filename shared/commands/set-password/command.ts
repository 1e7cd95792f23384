import type { ConnectedStation } from "../../calls/turn.ts";
import type { SetVariableResult } from "../../dialects/v2/answers.ts";
import { SET_PASSWORD } from "../../handshake/password-answer.ts";
import { authorizationKeyOf, hashPassword } from "../../handshake/password-hash.ts";
import { beforeCall, neverSent, sentByAnother, validHashes } from "../../handshake/password-rotation.ts";
import { changePassword } from "../../handshake/store-password.ts";
import { Problem } from "../../problems.ts";
import type { StationAuth, StationItem } from "../../store/items.ts";
import type { Table } from "../../store/table.ts";
import type { StatusOutput } from "../answers.ts";
import type { Command, TakeBack } from "../command.ts";
import type { Answer } from "../session.ts";

export interface SetPasswordInput {
  /** 16 to 40 characters. */
  readonly password: string;
}

export interface SetPasswordOutput extends StatusOutput {
  /** Whether the station was sent the password of an earlier request of the same key, not this one. */
  readonly sentBefore: boolean;
}

/** Never queued: the password would have to be stored until it goes out. */
export const setPassword: Command<SetPasswordInput, SetPasswordOutput> = {
  name: SET_PASSWORD,
  verify,
  prepare,
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
  if (connection?.protocol === "ocpp1.6" && !V16_PASSWORD.test(password))
    throw invalid(
      "/password",
      "must be 16 to 20 characters long, or 32 to 40 hexadecimal digits: the station speaks OCPP 1.6",
    );
}

const notBasic = ({ type }: StationAuth): Problem =>
  invalid("", `is for stations with auth.type basic; this one has ${type}`);

const invalid = (pointer: string, detail: string): Problem =>
  new Problem("invalid-request", "The station cannot be given this password, see errors.", {
    errors: [{ pointer, detail }],
  });

/**
 * From here on the password is valid: a station that takes it is never locked out, whoever dies.
 *
 * @throws Problem `station-busy` where too many changes wait for the station's next connection
 */
async function prepare(
  table: Table,
  station: ConnectedStation,
  { password }: SetPasswordInput,
  messageId: string,
): Promise<TakeBack> {
  const { auth, connection } = station;
  if (auth.type !== "basic") throw notBasic(auth);
  const passwordHash = await hashPassword(password, validHashes(auth));
  const pending = { passwordHash, messageId, connectionId: connection.connectionId };
  await changePassword(table, station, (now) => {
    const after = beforeCall(now, pending);
    if (!after) throw tooManyPending();
    return after;
  });
  return (sentBy) =>
    changePassword(table, station.cpId, (now) =>
      sentBy === "nobody" ? neverSent(now, pending) : sentByAnother(now, pending),
    );
}

const tooManyPending = (): Problem =>
  new Problem(
    "station-busy",
    "Several passwords were sent to the station on this connection and not answered, so that nobody knows which it has; nothing was sent. Its next connection will tell.",
    {},
    { headers: { "Retry-After": "60" } },
  );

/** What came of the CALL. @param statusOf the station's word */
async function newPasswordTold(
  call: Promise<Answer>,
  statusOf: (payload: NonNullable<Answer["payload"]>) => unknown,
): Promise<SetPasswordOutput> {
  const { ocppMessageId, payload, sentBefore } = await call;
  return { ocppMessageId, sentBefore, ...(payload && { status: statusOf(payload) as string }) };
}
