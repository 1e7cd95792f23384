import { inject } from "vitest";
import { fetchToken } from "../../../local/stations/registration.ts";
import { connectStation, type Station, type StationOptions } from "../../../local/stations/station.ts";
import { connectRaw, type RawStation } from "../../support/raw-station.ts";

const closing: (() => Promise<void>)[] = [];
let token: Promise<string> | undefined;

/** A request to the API by the client `demo`. */
// biome-ignore lint/suspicious/noExplicitAny: each test states the type of a response
export async function api(method: string, path: string, body?: unknown): Promise<any> {
  const apiUrl = inject("apiUrl");
  token ??= fetchToken(apiUrl, "demo", "demo-secret");
  const response = await fetch(apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${await token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Registers a station. A test that is repeated registers it anew. */
async function register(identity: string, about: object): Promise<{ cpId: string; password: string }> {
  await api("DELETE", `/stations/${identity}`).catch(() => {});
  return api("POST", "/stations", { identity, ...about });
}

/** Registers a simulated station and connects it. */
export async function station(
  identity: string,
  options: Partial<StationOptions> = {},
  about: object = {},
): Promise<Station & { readonly cpId: string }> {
  const { cpId, password } = await register(identity, about);
  const url = `${inject("stationUrl")}/ocpp`;
  const connected = await connectStation({ url, identity, password, stepMs: 10, ...options });
  closing.push(() => connected.close());
  return Object.assign(connected, { cpId });
}

/** Registers a station that sends anything. */
export async function rawStation(
  identity: string,
  about: object = {},
): Promise<RawStation & { readonly cpId: string }> {
  const { cpId, password } = await register(identity, about);
  const url = `${inject("stationUrl")}/ocpp/${identity}`;
  const connected = await connectRaw(url, { identity, password });
  closing.push(() => connected.close({ abrupt: true }));
  return Object.assign(connected, { cpId });
}

export async function closeStations(): Promise<void> {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
}

/** Looks again and again, until there is something. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
