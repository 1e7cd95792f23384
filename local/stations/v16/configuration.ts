/**
 * The configuration keys of a 1.6 station: those of OCPP 1.6 §9 for the profiles it has, and of the OCA's
 * white paper "Improved security for OCPP 1.6-J" §4.
 */

import type { Payload } from "../behaviour.ts";

type Kind = "integer" | "boolean" | "text";
type Access = "readonly" | "writeonly" | "reboot";

interface Key {
  readonly name: string;
  readonly kind: Kind;
  readonly access: Access | undefined;
  value: string;
  /** Taken over at the next reboot. */
  next?: string;
}

const KEYS: readonly (readonly [name: string, value: string, kind: Kind, access?: Access])[] = [
  // Core
  ["AllowOfflineTxForUnknownId", "false", "boolean"],
  ["AuthorizationCacheEnabled", "true", "boolean"],
  ["AuthorizeRemoteTxRequests", "false", "boolean"],
  ["BlinkRepeat", "3", "integer"],
  ["ClockAlignedDataInterval", "0", "integer"],
  ["ConnectionTimeOut", "60", "integer"],
  ["ConnectorPhaseRotation", "0.RST,1.RST,2.RST", "text", "reboot"],
  ["GetConfigurationMaxKeys", "100", "integer", "readonly"],
  ["HeartbeatInterval", "300", "integer"],
  ["LightIntensity", "80", "integer"],
  ["LocalAuthorizeOffline", "true", "boolean"],
  ["LocalPreAuthorize", "false", "boolean"],
  ["MaxEnergyOnInvalidId", "0", "integer"],
  ["MeterValuesAlignedData", "Energy.Active.Import.Register", "text"],
  ["MeterValuesSampledData", "Energy.Active.Import.Register,Power.Active.Import", "text"],
  ["MeterValueSampleInterval", "60", "integer"],
  ["MinimumStatusDuration", "0", "integer"],
  ["NumberOfConnectors", "2", "integer", "readonly"],
  ["ResetRetries", "3", "integer"],
  ["StopTransactionOnEVSideDisconnect", "true", "boolean"],
  ["StopTransactionOnInvalidId", "true", "boolean"],
  ["StopTxnAlignedData", "", "text"],
  ["StopTxnSampledData", "Energy.Active.Import.Register", "text"],
  [
    "SupportedFeatureProfiles",
    "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
    "text",
    "readonly",
  ],
  ["TransactionMessageAttempts", "3", "integer"],
  ["TransactionMessageRetryInterval", "60", "integer"],
  ["UnlockConnectorOnEVSideDisconnect", "true", "boolean"],
  ["WebSocketPingInterval", "30", "integer", "reboot"],
  // LocalAuthListManagement
  ["LocalAuthListEnabled", "true", "boolean"],
  ["LocalAuthListMaxLength", "1000", "integer", "readonly"],
  ["SendLocalListMaxLength", "100", "integer", "readonly"],
  // Reservation
  ["ReserveConnectorZeroSupported", "false", "boolean", "readonly"],
  // SmartCharging
  ["ChargeProfileMaxStackLevel", "8", "integer", "readonly"],
  ["ChargingScheduleAllowedChargingRateUnit", "Current,Power", "text", "readonly"],
  ["ChargingScheduleMaxPeriods", "24", "integer", "readonly"],
  ["ConnectorSwitch3to1PhaseSupported", "false", "boolean", "readonly"],
  ["MaxChargingProfilesInstalled", "10", "integer", "readonly"],
  // OCA application note "OCPP & California Pricing Requirements"; and DefaultPriceText, by language
  ["CustomDisplayCostAndPrice", "true", "boolean"],
  ["CustomMultiLanguageMessages", "true", "boolean", "readonly"],
  ["DefaultPrice", "", "text"],
  ["SupportedLanguages", "en,de,fr", "text", "readonly"],
  // Security
  ["AdditionalRootCertificateCheck", "false", "boolean", "readonly"],
  ["AuthorizationKey", "", "text", "writeonly"],
  ["CertificateSignedMaxChainSize", "10000", "integer", "readonly"],
  ["CertificateStoreMaxLength", "10", "integer", "readonly"],
  ["CpoName", "ocpp-relay", "text"],
  ["SecurityProfile", "1", "integer", "reboot"],
];

export type ChangeStatus = "Accepted" | "Rejected" | "RebootRequired" | "NotSupported";

export class Configuration {
  /** By lower-case name: key names are CiStrings (OCPP 1.6 §4.1.1). */
  readonly #keys = new Map<string, Key>();

  constructor(values: Readonly<Record<string, string>>) {
    for (const [name, value, kind, access] of KEYS) {
      this.#keys.set(name.toLowerCase(), { name, kind, access, value });
    }
    for (const [name, value] of Object.entries(values)) {
      const key = this.#key(name) ?? { name, kind: "text", access: undefined, value };
      this.#keys.set(name.toLowerCase(), { ...key, value });
    }
  }

  text(name: string): string {
    return this.#key(name)?.value ?? "";
  }

  integer(name: string): number {
    return Number(this.text(name));
  }

  isOn(name: string): boolean {
    return this.text(name) === "true";
  }

  /** A GetConfiguration.conf; no names mean all keys (OCPP 1.6 §5.8). */
  get(names: readonly string[] = []): Payload {
    if (names.length === 0) return { configurationKey: [...this.#keys.values()].map(report), unknownKey: [] };
    const known = names.map((name) => this.#key(name)).filter((key) => key !== undefined);
    const unknownKey = names.filter((name) => !this.#key(name));
    return { configurationKey: known.map(report), unknownKey };
  }

  change(name: string, value: string): ChangeStatus {
    const key = this.#key(name) ?? this.#priceText(name);
    if (!key) return "NotSupported";
    if (key.access === "readonly" || !isValid(key, value)) return "Rejected";
    if (key.access === "reboot") {
      key.next = value;
      return "RebootRequired";
    }
    key.value = value;
    return "Accepted";
  }

  /** What the station itself sets: NumberOfConnectors, the interval of a BootNotification's answer. */
  set(name: string, value: string): void {
    const key = this.#key(name);
    if (key) key.value = value;
  }

  reboot(): void {
    for (const key of this.#keys.values()) {
      key.value = key.next ?? key.value;
      delete key.next;
    }
  }

  /** The price in a language that the station has; a key from its first value on. */
  #priceText(name: string): Key | undefined {
    const [, language] = /^DefaultPriceText,(.+)$/i.exec(name) ?? [];
    if (!language || !this.text("SupportedLanguages").split(",").includes(language)) return undefined;
    const key: Key = { name, kind: "text", access: undefined, value: "" };
    this.#keys.set(name.toLowerCase(), key);
    return key;
  }

  #key(name: string): Key | undefined {
    return this.#keys.get(name.toLowerCase());
  }
}

function report({ name, value, access }: Key): Payload {
  const readonly = access === "readonly";
  return { key: name, readonly, ...(access === "writeonly" ? {} : { value }) };
}

function isValid({ name, kind }: Key, value: string): boolean {
  if (kind === "boolean") return value === "true" || value === "false";
  if (kind === "integer") return /^\d{1,9}$/.test(value);
  // 16 to 20 bytes as hexadecimal digits (white paper §4)
  return name === "AuthorizationKey" ? /^(?:[0-9a-f]{2}){16,20}$/i.test(value) : true;
}
