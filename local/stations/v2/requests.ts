import type { DeviceModel } from "./device-model.ts";
import type { Token } from "./evse.ts";
import type { ChargingProfile } from "./profiles.ts";

/** What the CSMS may ask a 2.x station, as far as this one looks at it. */
export interface Requests {
  CancelReservation: { reservationId: number };
  ChangeAvailability: { evse?: { id: number }; operationalStatus: "Inoperative" | "Operative" };
  ClearVariableMonitoring: { id: number[] };
  DataTransfer: { vendorId: string; messageId?: string; data?: unknown };
  GetBaseReport: { requestId: number; reportBase: string };
  GetLog: { requestId: number };
  GetTransactionStatus: { transactionId?: string };
  GetVariables: { getVariableData: Parameters<DeviceModel["getVariables"]>[0] };
  RequestStartTransaction: {
    evseId?: number;
    idToken: Token;
    remoteStartId: number;
    chargingProfile?: ChargingProfile;
  };
  RequestStopTransaction: { transactionId: string };
  ReserveNow: { id: number; expiryDateTime: string; idToken: Token; evseId?: number };
  Reset: { type: "Immediate" | "OnIdle"; evseId?: number };
  SendLocalList: {
    versionNumber: number;
    updateType: "Full" | "Differential";
    localAuthorizationList?: readonly {
      readonly idToken: Token;
      readonly idTokenInfo?: { readonly status: string; readonly cacheExpiryDateTime?: string };
    }[];
  };
  SetVariableMonitoring: {
    setMonitoringData: { type: string; severity: number; component: object; variable: object }[];
  };
  SetVariables: { setVariableData: Parameters<DeviceModel["setVariables"]>[0] };
  TriggerMessage: { requestedMessage: string; evse?: { id: number } };
  UpdateFirmware: { requestId: number; firmware: { retrieveDateTime: string } };
  UnlockConnector: { evseId: number; connectorId: number };
}
