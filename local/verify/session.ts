import { randomBytes } from "node:crypto";
import { connectProbe, type Probe, type ProbeOptions } from "./probe.ts";
import type { Target } from "./target.ts";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a trial works with: the two endpoints, and stations that are removed at the end. */
export class Session {
  readonly target: Target;
  readonly #run = randomBytes(3).toString("hex");
  readonly #probes: Probe[] = [];
  readonly #registered: string[] = [];

  constructor(target: Target) {
    this.target = target;
  }

  async call(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.target.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.target.token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }

  /** Registers a station. @returns its identity and its password */
  async register(
    name: string,
    auth: object = { type: "basic" },
  ): Promise<{ identity: string; password: string }> {
    const identity = `verify-${this.#run}-${name}`;
    return { identity, password: await this.registerAs(identity, auth) };
  }

  async registerAs(identity: string, auth: object): Promise<string> {
    const { status, body } = await this.call("POST", "/stations", { identity, auth });
    if (status !== 201) throw new Error(`registering ${identity}: ${status} ${JSON.stringify(body)}`);
    this.#registered.push(String(body.cpId));
    return String(body.password);
  }

  async connect(url: string, options: ProbeOptions): Promise<Probe> {
    const probe = await connectProbe(url, options);
    this.#probes.push(probe);
    return probe;
  }

  /** A station that is registered and connected. */
  async station(name: string, protocols?: readonly string[]): Promise<{ probe: Probe; identity: string }> {
    const account = await this.register(name);
    const probe = await this.connect(this.target.stationUrl, { ...account, ...(protocols && { protocols }) });
    return { probe, identity: account.identity };
  }

  /** Sends ClearCache and lets the station answer. @throws Error where the answer does not come back */
  async command(identity: string, probe: Probe): Promise<void> {
    const request = this.rawRequest(identity);
    // a request that fails must not leave the station waiting for its CALL
    const answered = probe.answerNext({ status: "Accepted" });
    const { status, body } = await Promise.race([request, answered.then(() => request)]);
    if (status !== 200) throw new Error(`the command ended with ${status} ${JSON.stringify(body)}`);
  }

  rawRequest(identity: string): Promise<Answer> {
    const body = { action: "ClearCache", assetId: identity, payload: {}, async: false };
    return this.call("POST", "/ocpp/v2/raw-request", body);
  }

  /** Closes the connections and deletes the stations. */
  async end(): Promise<void> {
    for (const probe of this.#probes) probe.close();
    await Promise.allSettled(this.#registered.map((cpId) => this.call("DELETE", `/stations/${cpId}`)));
  }
}
