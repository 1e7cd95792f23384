/**
 * The standard keys of OCPP 1.6 (§9) and of its security white paper (appendix A.1), and the variables of OCPP 2.x (part 2, "Referenced Components and Variables")
 * with the same meaning. Keys without such a variable are absent, and keys that 2.x reports as a limit of
 * another variable, such as LocalAuthListMaxLength: GetVariables reads no limits.
 */

import { type ComponentVariable, parseVariableKey } from "./variable-key.ts";

export const standardKeys = {
  AdditionalRootCertificateCheck: "SecurityCtrlr.AdditionalRootCertificateCheck",
  AllowOfflineTxForUnknownId: "AuthCtrlr.OfflineTxForUnknownIdEnabled",
  AuthorizationCacheEnabled: "AuthCacheCtrlr.Enabled",
  AuthorizeRemoteTxRequests: "AuthCtrlr.AuthorizeRemoteStart",
  AuthorizationKey: "SecurityCtrlr.BasicAuthPassword",
  CertificateSignedMaxChainSize: "SecurityCtrlr.MaxCertificateChainSize",
  ChargeProfileMaxStackLevel: "SmartChargingCtrlr.ProfileStackLevel",
  ChargingScheduleAllowedChargingRateUnit: "SmartChargingCtrlr.RateUnit",
  ChargingScheduleMaxPeriods: "SmartChargingCtrlr.PeriodsPerSchedule",
  ClockAlignedDataInterval: "AlignedDataCtrlr.Interval",
  ConnectionTimeOut: "TxCtrlr.EVConnectionTimeOut",
  ConnectorSwitch3to1PhaseSupported: "SmartChargingCtrlr.Phases3to1",
  CpoName: "SecurityCtrlr.OrganizationName",
  HeartbeatInterval: "OCPPCommCtrlr.HeartbeatInterval",
  LocalAuthListEnabled: "LocalAuthListCtrlr.Enabled",
  LocalAuthorizeOffline: "AuthCtrlr.LocalAuthorizeOffline",
  LocalPreAuthorize: "AuthCtrlr.LocalPreAuthorize",
  MaxEnergyOnInvalidId: "TxCtrlr.MaxEnergyOnInvalidId",
  MeterValueSampleInterval: "SampledDataCtrlr.TxUpdatedInterval",
  MeterValuesAlignedData: "AlignedDataCtrlr.Measurands",
  MeterValuesSampledData: "SampledDataCtrlr.TxUpdatedMeasurands",
  ReserveConnectorZeroSupported: "ReservationCtrlr.NonEvseSpecific",
  ResetRetries: "OCPPCommCtrlr.ResetRetries",
  SecurityProfile: "SecurityCtrlr.SecurityProfile",
  SendLocalListMaxLength: "LocalAuthListCtrlr.ItemsPerMessage",
  StopTransactionOnEVSideDisconnect: "TxCtrlr.StopTxOnEVSideDisconnect",
  StopTransactionOnInvalidId: "TxCtrlr.StopTxOnInvalidId",
  StopTxnAlignedData: "AlignedDataCtrlr.TxEndedMeasurands",
  StopTxnSampledData: "SampledDataCtrlr.TxEndedMeasurands",
  SupportedFileTransferProtocols: "OCPPCommCtrlr.FileTransferProtocols",
  TransactionMessageAttempts: "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
  TransactionMessageRetryInterval: "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]",
  UnlockConnectorOnEVSideDisconnect: "OCPPCommCtrlr.UnlockOnEVSideDisconnect",
  WebSocketPingInterval: "OCPPCommCtrlr.WebSocketPingInterval",
} as const;

/** Names of 1.6 are case-insensitive (CiString50Type). */
const variableKeys: ReadonlyMap<string, string> = new Map(
  Object.entries(standardKeys).map(([key, variable]) => [key.toLowerCase(), variable]),
);

/**
 * The variable that a key of a request names: by the key of the variable, or by a standard key of 1.6.
 *
 * @throws InvalidVariableKey
 */
export const variableNamed = (key: string): ComponentVariable =>
  parseVariableKey(variableKeys.get(key.toLowerCase()) ?? key);
