import type { StationProtocol } from "../../local/stations/protocols.ts";
import type { Payload, ReceivedCall } from "../../local/stations/station.ts";

/** What the same thing is called in a version of OCPP. */
export interface VersionWords {
  readonly protocol: StationProtocol;
  readonly keys: {
    /** In seconds; may be changed. */
    readonly heartbeat: string;
    readonly timeout: string;
    readonly another: string;
    readonly atReboot: string;
    readonly readonly: string;
    readonly unknown: string;
    /** May be written and not read. */
    readonly password: string;
  };
  readonly actions: Readonly<Record<"get" | "change" | "start" | "stop", string>>;
  /** How the station names a key that it does not have, in a change. */
  readonly unknownStatus: string;
  readonly reset: Readonly<Record<"Hard" | "Soft", Payload>>;
  /** UnlockConnector for connector 1 of EVSE 2. */
  readonly unlock: Payload;
  /** A start of "TAG" at connector 1 of EVSE 2. */
  readonly start: Payload;
  /** The charging profile of `aChargingProfile`, number 7. */
  readonly chargingProfile: Payload;
  /** The keys that a change CALL carries. */
  keysOf(call: Pick<ReceivedCall, "payload">): string[];
}

/** As the API takes it. */
export const aChargingProfile = {
  profileId: 7,
  stackLevel: 0,
  purpose: "Tx",
  kind: "Relative",
  schedule: { unit: "A", periods: [{ startSeconds: 0, limit: 10.5 }] },
} as const;

const v16: VersionWords = {
  protocol: "ocpp1.6",
  keys: {
    heartbeat: "HeartbeatInterval",
    timeout: "ConnectionTimeOut",
    another: "BlinkRepeat",
    atReboot: "WebSocketPingInterval",
    readonly: "NumberOfConnectors",
    unknown: "NoSuchKey",
    password: "AuthorizationKey",
  },
  actions: {
    get: "GetConfiguration",
    change: "ChangeConfiguration",
    start: "RemoteStartTransaction",
    stop: "RemoteStopTransaction",
  },
  unknownStatus: "NotSupported",
  reset: { Hard: { type: "Hard" }, Soft: { type: "Soft" } },
  unlock: { connectorId: 2 },
  start: { connectorId: 2, idTag: "TAG" },
  chargingProfile: {
    chargingProfileId: 7,
    stackLevel: 0,
    chargingProfilePurpose: "TxProfile",
    chargingProfileKind: "Relative",
    chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 10.5 }] },
  },
  keysOf: ({ payload }) => [payload.key as string],
};

interface Data {
  readonly component: { readonly name: string };
  readonly variable: { readonly name: string };
}

const v2 = {
  keys: {
    heartbeat: "OCPPCommCtrlr.HeartbeatInterval",
    timeout: "TxCtrlr.EVConnectionTimeOut",
    another: "OCPPCommCtrlr.ResetRetries",
    atReboot: "OCPPCommCtrlr.WebSocketPingInterval",
    readonly: "OCPPCommCtrlr.ActiveNetworkProfile",
    unknown: "OCPPCommCtrlr.NoSuchVariable",
    password: "SecurityCtrlr.BasicAuthPassword",
  },
  actions: {
    get: "GetVariables",
    change: "SetVariables",
    start: "RequestStartTransaction",
    stop: "RequestStopTransaction",
  },
  unknownStatus: "UnknownVariable",
  reset: { Hard: { type: "Immediate" }, Soft: { type: "OnIdle" } },
  unlock: { evseId: 2, connectorId: 1 },
  start: { evseId: 2, idToken: { idToken: "TAG", type: "Central" } },
  chargingProfile: {
    id: 7,
    stackLevel: 0,
    chargingProfilePurpose: "TxProfile",
    chargingProfileKind: "Relative",
    chargingSchedule: [
      { id: 1, chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 10.5 }] },
    ],
  },
  keysOf: ({ payload }: Pick<ReceivedCall, "payload">) =>
    (payload.setVariableData as Data[]).map(
      ({ component, variable }) => `${component.name}.${variable.name}`,
    ),
};

export const versions: readonly VersionWords[] = [
  v16,
  { protocol: "ocpp2.0.1", ...v2 },
  { protocol: "ocpp2.1", ...v2 },
];
