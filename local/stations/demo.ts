import type { StationProtocol } from "./protocols.ts";
import { registerStation } from "./registration.ts";
import { connectStation, type Station } from "./station.ts";

/** Two OCPP versions behind the same commands. The password is fixed, so that a data folder of an earlier run knows it. */
const DEMO_STATIONS: readonly { identity: string; protocol: StationProtocol; password: string }[] = [
  { identity: "DEMO-16", protocol: "ocpp1.6", password: "demo-16-station-password" },
  { identity: "DEMO-201", protocol: "ocpp2.0.1", password: "demo-201-station-password" },
];

export interface DemoOptions {
  /** The station endpoint without the identity, `ws://127.0.0.1:9000/ocpp`. */
  readonly stationUrl: string;
  readonly apiUrl: string;
  readonly getToken: () => Promise<string>;
}

/** Registers the demo stations where they are not yet, and connects them. */
export async function connectDemoStations({ stationUrl, apiUrl, getToken }: DemoOptions): Promise<Station[]> {
  const token = await getToken();
  return Promise.all(
    DEMO_STATIONS.map(async ({ identity, protocol, password }) => {
      await registerStation(apiUrl, token, { identity, password });
      return connectStation({ url: stationUrl, identity, protocol, password });
    }),
  );
}
