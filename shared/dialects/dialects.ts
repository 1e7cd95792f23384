import type { ConfigurationReport } from "../configuration/stored.ts";
import type { Protocol } from "../ocpp/protocols.ts";
import type { StationCall } from "./station-call.ts";

type Payload = Readonly<Record<string, unknown>>;

/** What is particular to one version of OCPP. */
export interface Dialect {
  /** By action: every CALL that a station of this version may send. */
  readonly stationCalls: Readonly<Record<string, StationCall>>;
  /** By action: reads the configuration that the answer to a CALL of ours contains. */
  readonly configurationReports: Readonly<
    Record<string, (request: Payload, response: Payload) => ConfigurationReport | undefined>
  >;
}

/** Loaded when the first station of the version speaks. */
const dialects: Record<Protocol, () => Promise<Dialect>> = {
  "ocpp1.6": async () => (await import("./v16/dialect.ts")).dialect,
  "ocpp2.0.1": async () => (await import("./v201/dialect.ts")).dialect,
  "ocpp2.1": async () => (await import("./v21/dialect.ts")).dialect,
};

export const dialectOf = (protocol: Protocol): Promise<Dialect> => dialects[protocol]();
