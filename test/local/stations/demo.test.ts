import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectDemoStations } from "../../../local/stations/demo.ts";
import type { Station } from "../../../local/stations/station.ts";
import { CentralSystem } from "../../support/central-system.ts";

interface Registered {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { readonly identity: string; readonly auth: { readonly password: string } };
}

const system = new CentralSystem();
const registered: Registered[] = [];
const NEVER = 0;
let status: number;

/** Stands for the remote API. */
const api = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  registered.push({
    path: request.url,
    authorization: request.headers.authorization,
    body: JSON.parse(body),
  });
  if (status === NEVER) return;
  response.writeHead(status, { "content-type": "application/json" }).end("{}");
});

beforeAll(async () => {
  await system.start();
  await once(api.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  await system.close();
  api.closeAllConnections();
  api.close();
});
beforeEach(() => registered.splice(0));

const prepare = async (passwordFile?: string) => {
  const { port } = api.address() as AddressInfo;
  return connectDemoStations({
    apiUrl: `http://127.0.0.1:${port}`,
    stationUrl: system.url,
    getToken: async () => "a-token",
    withinMs: status === NEVER ? 50 : 10_000,
    ...(passwordFile && { passwordFile }),
  });
};

describe("the demo stations", () => {
  it.each([
    ["are registered and connected", 201],
    ["are connected where a run before registered them", 409],
  ])("%s", async (_, answer) => {
    status = answer;

    const { connected, missing } = await prepare();

    expect(registered.sort((a, b) => (a.body.identity < b.body.identity ? -1 : 1))).toEqual(
      ["DEMO-16", "DEMO-201"].map((identity) => ({
        path: "/stations",
        authorization: "Bearer a-token",
        body: { identity, auth: { type: "basic", password: expect.any(String) } },
      })),
    );
    expect(missing).toEqual([]);
    expect(connected.map(({ identity, connected }) => [identity, connected])).toEqual([
      ["DEMO-16", true],
      ["DEMO-201", true],
    ]);
    for (const { identity } of connected) {
      expect(system.record(identity).all("BootNotification")).not.toEqual([]);
    }
    await closeAll(connected);
  });

  it("tell why they cannot be registered", async () => {
    status = 500;

    expect(await prepare()).toEqual({
      connected: [],
      missing: ["DEMO-16", "DEMO-201"].map((identity) => ({
        identity,
        reason: expect.stringMatching(new RegExp(`^registering ${identity} failed: 500`)),
      })),
    });
  });

  it("keep nobody waiting where the API does not answer", async () => {
    status = NEVER;

    const { missing } = await prepare();

    expect(missing.map(({ reason }) => reason)).toEqual(["not within 0.05 s", "not within 0.05 s"]);
  });

  it("are connected each for itself", async () => {
    status = 201;
    system.passwords.set("DEMO-16", "another one");

    const { connected, missing } = await prepare();

    expect(connected.map(({ identity }) => identity)).toEqual(["DEMO-201"]);
    expect(missing).toEqual([{ identity: "DEMO-16", reason: "Unauthorized" }]);
    system.passwords.delete("DEMO-16");
    await closeAll(connected);
  });

  it("know the passwords they were given when they are started again", async () => {
    status = 409;
    const folder = await mkdtemp(join(tmpdir(), "demo-"));
    const file = join(folder, "demo-stations.json");
    const before = await prepare(file);
    const key = Buffer.from("sixteen-and-more").toString("hex");
    await system.record("DEMO-16").call("ChangeConfiguration", { key: "AuthorizationKey", value: key });
    await system.record("DEMO-201").call("SetVariables", {
      setVariableData: [
        {
          component: { name: "SecurityCtrlr" },
          variable: { name: "BasicAuthPassword" },
          attributeValue: "two-hundred-and-one",
        },
      ],
    });
    await closeAll(before.connected);
    system.passwords.set("DEMO-16", "sixteen-and-more").set("DEMO-201", "two-hundred-and-one");

    const after = await prepare(file);

    expect(after.missing).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    system.passwords.clear();
    await closeAll(after.connected);
    await rm(folder, { recursive: true });
  });
});

const closeAll = (stations: readonly Station[]) => Promise.all(stations.map((station) => station.close()));
