import type { CsChargingProfiles } from "./profiles.ts";

/** What the CSMS may ask a 1.6 station, as far as this one looks at it. */
export interface Requests {
  CancelReservation: { reservationId: number };
  CertificateSigned: object;
  ChangeAvailability: { connectorId: number; type: "Inoperative" | "Operative" };
  ChangeConfiguration: { key: string; value: string };
  ClearCache: object;
  ClearChargingProfile: {
    id?: number;
    connectorId?: number;
    chargingProfilePurpose?: string;
    stackLevel?: number;
  };
  DataTransfer: { vendorId: string; messageId?: string; data?: string };
  DeleteCertificate: object;
  ExtendedTriggerMessage: { requestedMessage: string; connectorId?: number };
  GetCompositeSchedule: { connectorId: number; duration: number; chargingRateUnit?: string };
  GetConfiguration: { key?: string[] };
  GetDiagnostics: object;
  GetInstalledCertificateIds: object;
  GetLocalListVersion: object;
  GetLog: { requestId: number };
  InstallCertificate: object;
  RemoteStartTransaction: {
    connectorId?: number;
    idTag: string;
    chargingProfile?: CsChargingProfiles;
  };
  RemoteStopTransaction: { transactionId: number };
  ReserveNow: { connectorId: number; reservationId: number; idTag: string; expiryDate: string };
  Reset: { type: "Hard" | "Soft" };
  SendLocalList: {
    listVersion: number;
    updateType: "Full" | "Differential";
    localAuthorizationList?: readonly {
      readonly idTag: string;
      readonly idTagInfo?: { readonly status: string; readonly expiryDate?: string };
    }[];
  };
  SetChargingProfile: { connectorId: number; csChargingProfiles: CsChargingProfiles };
  SignedUpdateFirmware: { requestId: number; firmware: { retrieveDateTime: string } };
  TriggerMessage: { requestedMessage: string; connectorId?: number };
  UnlockConnector: { connectorId: number };
  UpdateFirmware: { retrieveDate: string };
}
