/** The variables of a simulated 2.x station: OCPP 2.0.1 part 2, "Referenced Components and Variables". */

export type Kind = "boolean" | "integer" | "decimal" | "string";
/** `reboot`: may be written, and counts from the next boot on. */
export type Access = "readonly" | "readwrite" | "writeonly" | "reboot";

/** `Variable` or `Variable[instance]`, its value, what it may hold, and who may do what with it. */
type Row = readonly [variable: string, value: string, kind: Kind, access?: Access];

const controllers: Readonly<Record<string, readonly Row[]>> = {
  AlignedDataCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["Interval", "0", "integer"],
    ["Measurands", "Energy.Active.Import.Register", "string"],
    ["SendDuringIdle", "false", "boolean"],
    ["SignReadings", "false", "boolean"],
    ["TxEndedInterval", "0", "integer"],
    ["TxEndedMeasurands", "Energy.Active.Import.Register", "string"],
  ],
  AuthCacheCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["LifeTime", "86400", "integer"],
    ["Policy", "LRU", "string"],
    ["Storage", "0", "integer", "readonly"],
    ["DisablePostAuthorize", "false", "boolean"],
  ],
  AuthCtrlr: [
    ["Enabled", "true", "boolean"],
    ["AdditionalInfoItemsPerMessage", "1", "integer", "readonly"],
    ["AuthorizeRemoteStart", "false", "boolean"],
    ["LocalAuthorizeOffline", "true", "boolean"],
    ["LocalPreAuthorize", "false", "boolean"],
    ["MasterPassGroupId", "", "string"],
    ["OfflineTxForUnknownIdEnabled", "false", "boolean"],
    ["DisableRemoteAuthorization", "false", "boolean"],
  ],
  ChargingStation: [
    ["AvailabilityState", "Available", "string", "readonly"],
    ["Available", "true", "boolean", "readonly"],
    ["Model", "Simulator 2", "string", "readonly"],
    ["VendorName", "ocpp-relay", "string", "readonly"],
    ["FirmwareVersion", "1.0.0", "string", "readonly"],
    ["SupplyPhases", "3", "integer", "readonly"],
    ["PhaseRotation", "RST", "string"],
    ["AllowNewSessionsPendingFirmwareUpdate", "false", "boolean"],
  ],
  ClockCtrlr: [
    ["DateTime", "", "string", "readonly"],
    ["NextTimeOffsetTransitionDateTime", "", "string"],
    ["NtpServerUri[1]", "time.example", "string"],
    ["NtpSource", "manual", "string"],
    ["TimeAdjustmentReportingThreshold", "20", "integer"],
    ["TimeOffset", "+00:00", "string"],
    ["TimeOffset[NextTransition]", "+00:00", "string"],
    ["TimeSource", "Heartbeat", "string", "reboot"],
    ["TimeZone", "UTC", "string"],
  ],
  CustomizationCtrlr: [["CustomImplementationEnabled[ocpp-relay]", "false", "boolean", "readonly"]],
  DeviceDataCtrlr: [
    ["BytesPerMessage[GetReport]", "30000", "integer", "readonly"],
    ["BytesPerMessage[GetVariables]", "30000", "integer", "readonly"],
    ["BytesPerMessage[SetVariables]", "30000", "integer", "readonly"],
    ["ConfigurationValueSize", "1000", "integer", "readonly"],
    ["ItemsPerMessage[GetReport]", "40", "integer", "readonly"],
    ["ItemsPerMessage[GetVariables]", "20", "integer", "readonly"],
    ["ItemsPerMessage[SetVariables]", "20", "integer", "readonly"],
    ["ReportingValueSize", "2500", "integer", "readonly"],
    ["ValueSize", "2500", "integer", "readonly"],
  ],
  DisplayMessageCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "false", "boolean", "readonly"],
    ["DisplayMessages", "0", "integer", "readonly"],
    ["PersonalMessageSize", "512", "integer", "readonly"],
    ["SupportedFormats", "UTF8", "string", "readonly"],
    ["SupportedPriorities", "NormalCycle", "string", "readonly"],
  ],
  ISO15118Ctrlr: [
    ["Enabled", "false", "boolean"],
    ["CentralContractValidationAllowed", "false", "boolean"],
    ["ContractValidationOffline", "false", "boolean"],
    ["MaxScheduleEntries", "3", "integer", "readonly"],
    ["PnCEnabled", "false", "boolean"],
    ["RequestedEnergyTransferMode", "AC_three_phase", "string", "readonly"],
    ["RequestMeteringReceipt", "false", "boolean"],
    ["SeccId", "SIM", "string"],
    ["V2GCertificateInstallationEnabled", "false", "boolean"],
  ],
  LocalAuthListCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["BytesPerMessage", "30000", "integer", "readonly"],
    ["Entries", "0", "integer", "readonly"],
    ["ItemsPerMessage", "100", "integer", "readonly"],
    ["Storage", "0", "integer", "readonly"],
  ],
  MonitoringCtrlr: [
    ["Enabled", "false", "boolean"],
    ["Available", "false", "boolean", "readonly"],
    ["ActiveMonitoringBase", "All", "string", "readonly"],
    ["ActiveMonitoringLevel", "9", "integer", "readonly"],
    ["BytesPerMessage[ClearVariableMonitoring]", "30000", "integer", "readonly"],
    ["BytesPerMessage[SetVariableMonitoring]", "30000", "integer", "readonly"],
    ["ItemsPerMessage[ClearVariableMonitoring]", "10", "integer", "readonly"],
    ["ItemsPerMessage[SetVariableMonitoring]", "10", "integer", "readonly"],
    ["OfflineQueuingSeverity", "5", "integer"],
  ],
  OCPPCommCtrlr: [
    ["ActiveNetworkProfile", "1", "integer", "readonly"],
    ["FieldLength[Get15118EVCertificateResponse.exiResponse]", "5600", "integer", "readonly"],
    ["FileTransferProtocols", "HTTPS", "string", "readonly"],
    ["HeartbeatInterval", "300", "integer"],
    ["MessageAttemptInterval[TransactionEvent]", "60", "integer"],
    ["MessageAttempts[TransactionEvent]", "3", "integer"],
    ["MessageTimeout[Default]", "30", "integer", "readonly"],
    ["NetworkConfigurationPriority", "1", "string", "reboot"],
    ["NetworkProfileConnectionAttempts", "3", "integer"],
    ["OfflineThreshold", "60", "integer"],
    ["PublicKeyWithSignedMeterValue", "Never", "string"],
    ["QueueAllMessages", "false", "boolean"],
    ["ResetRetries", "3", "integer"],
    ["RetryBackOffRandomRange", "10", "integer"],
    ["RetryBackOffRepeatTimes", "3", "integer"],
    ["RetryBackOffWaitMinimum", "10", "integer"],
    ["UnlockOnEVSideDisconnect", "true", "boolean"],
    ["WebSocketPingInterval", "30", "integer", "reboot"],
  ],
  ReservationCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["NonEvseSpecific", "false", "boolean", "readonly"],
  ],
  SampledDataCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["RegisterValuesWithoutPhases", "true", "boolean"],
    ["SignReadings", "false", "boolean"],
    ["TxEndedInterval", "0", "integer"],
    ["TxEndedMeasurands", "Energy.Active.Import.Register", "string"],
    ["TxStartedMeasurands", "Energy.Active.Import.Register", "string"],
    ["TxUpdatedInterval", "60", "integer"],
    ["TxUpdatedMeasurands", "Energy.Active.Import.Register,Power.Active.Import", "string"],
  ],
  SecurityCtrlr: [
    ["AdditionalRootCertificateCheck", "false", "boolean", "readonly"],
    ["BasicAuthPassword", "", "string", "writeonly"],
    ["CertificateEntries", "0", "integer", "readonly"],
    ["CertSigningRepeatTimes", "0", "integer"],
    ["CertSigningWaitMinimum", "30", "integer"],
    ["Identity", "", "string", "reboot"],
    ["MaxCertificateChainSize", "5600", "integer", "readonly"],
    ["OrganizationName", "ocpp-relay", "string"],
    ["SecurityProfile", "1", "integer", "readonly"],
  ],
  SmartChargingCtrlr: [
    ["Enabled", "true", "boolean"],
    ["Available", "true", "boolean", "readonly"],
    ["ACPhaseSwitchingSupported", "false", "boolean", "readonly"],
    ["Entries[ChargingProfiles]", "10", "integer", "readonly"],
    ["ExternalControlSignalsEnabled", "false", "boolean"],
    ["LimitChangeSignificance", "1", "decimal"],
    ["NotifyChargingLimitWithSchedules", "false", "boolean"],
    ["PeriodsPerSchedule", "24", "integer", "readonly"],
    ["Phases3to1", "false", "boolean"],
    ["ProfileStackLevel", "8", "integer", "readonly"],
    ["RateUnit", "A,W", "string", "readonly"],
  ],
  TariffCostCtrlr: [
    ["Enabled[Tariff]", "true", "boolean"],
    ["Available[Tariff]", "true", "boolean", "readonly"],
    ["TariffFallbackMessage", "", "string"],
    ["TariffFallbackMessage[de]", "", "string"],
    ["Enabled[Cost]", "true", "boolean"],
    ["Available[Cost]", "true", "boolean", "readonly"],
    ["TotalCostFallbackMessage", "", "string"],
    ["Currency", "EUR", "string"],
  ],
  TxCtrlr: [
    ["ChargingTime", "0", "integer", "readonly"],
    ["EVConnectionTimeOut", "60", "integer"],
    ["MaxEnergyOnInvalidId", "0", "integer"],
    ["StopTxOnEVSideDisconnect", "true", "boolean"],
    ["StopTxOnInvalidId", "true", "boolean"],
    ["TxBeforeAcceptedEnabled", "false", "boolean"],
    ["TxStartPoint", "Authorized", "string"],
    ["TxStopPoint", "Authorized,EVConnected", "string"],
  ],
};

const perEvse: Readonly<Record<string, readonly Row[]>> = {
  EVSE: [
    ["AvailabilityState", "Available", "string", "readonly"],
    ["Available", "true", "boolean", "readonly"],
    ["AllowReset", "false", "boolean", "readonly"],
    ["ISO15118EvseId", "", "string"],
    ["Power", "0", "decimal", "readonly"],
    ["SupplyPhases", "3", "integer", "readonly"],
  ],
  ElectricalFeed: [
    ["EnergyImportRegister", "0", "integer", "readonly"],
    ["PowerType", "AC", "string", "readonly"],
    ["SupplyPhases", "3", "integer", "readonly"],
  ],
  OverCurrentBreaker: [
    ["Enabled", "true", "boolean"],
    ["Problem", "false", "boolean", "readonly"],
    ["Tripped", "false", "boolean", "readonly"],
    ["ACCurrent", "32", "integer", "readonly"],
  ],
  RCD: [
    ["Enabled", "true", "boolean"],
    ["Problem", "false", "boolean", "readonly"],
    ["Tripped", "false", "boolean", "readonly"],
  ],
  TokenReader: [
    ["Enabled", "true", "boolean"],
    ["Problem", "false", "boolean", "readonly"],
    ["Token", "", "string", "readonly"],
    ["TokenType", "ISO14443", "string", "readonly"],
  ],
};

const perConnector: Readonly<Record<string, readonly Row[]>> = {
  Connector: [
    ["AvailabilityState", "Available", "string", "readonly"],
    ["Available", "true", "boolean", "readonly"],
    ["ConnectorType", "cType2", "string", "readonly"],
    ["SupplyPhases", "3", "integer", "readonly"],
    ["ChargeProtocol", "CPPWM", "string", "readonly"],
  ],
  PlugRetentionLock: [
    ["Active", "true", "boolean"],
    ["Problem", "false", "boolean", "readonly"],
    ["Tries[SetLimit]", "3", "integer"],
    ["Tries[MaxLimit]", "10", "integer", "readonly"],
  ],
  CableBreakawaySensor: [
    ["Active", "true", "boolean", "readonly"],
    ["Tripped", "false", "boolean", "readonly"],
  ],
  TemperatureSensor: [
    ["Enabled", "true", "boolean"],
    ["Problem", "false", "boolean", "readonly"],
    ["Temperature", "31", "decimal", "readonly"],
  ],
};

/** Parts that every EVSE has four of, so that the model has the size of a real one. */
const perPhase: Readonly<Record<string, readonly Row[]>> = {
  PowerContactor: [
    ["Active", "false", "boolean", "readonly"],
    ["Problem", "false", "boolean", "readonly"],
    ["Tripped", "false", "boolean", "readonly"],
  ],
  CurrentSensor: [
    ["Enabled", "true", "boolean"],
    ["Current", "0", "decimal", "readonly"],
    ["Problem", "false", "boolean", "readonly"],
  ],
};

export interface VariableRow {
  readonly component: string;
  readonly instance?: string;
  readonly evse?: { readonly id: number; readonly connectorId?: number };
  readonly variable: string;
  readonly value: string;
  readonly kind: Kind;
  readonly access: Access;
}

function rows(
  table: Readonly<Record<string, readonly Row[]>>,
  place: Pick<VariableRow, "instance" | "evse"> = {},
): VariableRow[] {
  return Object.entries(table).flatMap(([component, variables]) =>
    variables.map(([variable, value, kind, access = "readwrite"]) => ({
      component,
      ...place,
      variable,
      value,
      kind,
      access,
    })),
  );
}

/** Those of a station with so many EVSEs of one connector each: about 200 for two. */
export const variablesOf = (evses: number): VariableRow[] => [
  ...rows(controllers),
  ...Array.from({ length: evses }, (_, n) => n + 1).flatMap((id) => [
    ...rows(perEvse, { evse: { id } }),
    ...["L1", "L2", "L3", "N"].flatMap((instance) => rows(perPhase, { instance, evse: { id } })),
    ...rows(perConnector, { evse: { id, connectorId: 1 } }),
  ]),
];
