import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectDemoStations } from "../../../local/stations/demo.ts";
import { CentralSystem } from "../../support/central-system.ts";

interface Registered {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { readonly identity: string; readonly auth: { readonly password: string } };
}

const system = new CentralSystem();
const registered: Registered[] = [];
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

const prepare = async () => {
  const { port } = api.address() as AddressInfo;
  return connectDemoStations({
    apiUrl: `http://127.0.0.1:${port}`,
    stationUrl: system.url,
    getToken: async () => "a-token",
  });
};

describe("the demo stations", () => {
  it.each([
    ["are registered and connected", 201],
    ["are connected where a run before registered them", 409],
  ])("%s", async (_, answer) => {
    status = answer;

    const stations = await prepare();

    expect(registered.sort((a, b) => (a.body.identity < b.body.identity ? -1 : 1))).toEqual(
      ["DEMO-16", "DEMO-201"].map((identity) => ({
        path: "/stations",
        authorization: "Bearer a-token",
        body: { identity, auth: { type: "basic", password: expect.any(String) } },
      })),
    );
    for (const { identity, connected } of stations) {
      expect(connected).toBe(true);
      expect(system.record(identity).all("BootNotification")).not.toEqual([]);
    }
    await Promise.all(stations.map((station) => station.close()));
  });

  it("tell why they cannot be registered", async () => {
    status = 500;
    await expect(prepare()).rejects.toThrow(/registering DEMO-\d+ failed: 500/);
  });
});
