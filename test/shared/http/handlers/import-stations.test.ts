import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { matchPassword } from "../../../../shared/handshake/password-hash.ts";
import { cpIdOf } from "../../../../shared/ids.ts";
import type { BasicAuth, StationItem } from "../../../../shared/store/items.ts";
import { rateKey, stationKey, stationsOf } from "../../../../shared/store/keys.ts";
import { hashesOf } from "../../../support/passwords.ts";
import { pointers, type StationApi, startStationApi } from "../../../support/station-api.ts";

let api: StationApi;
beforeAll(async () => {
  api = await startStationApi();
});
afterAll(() => api.stop());

const importing = (body: unknown, headers: Record<string, string> = {}, client = "demo") =>
  api.call("importStations", { body, headers, client });
const csv = (text: string, headers: Record<string, string> = {}) =>
  importing(text, { "content-type": "text/csv; charset=utf-8", ...headers });
const stored = (cpId: string) => api.table.get<StationItem>(stationKey(cpId));
const isValid = async (cpId: string, password: string) => {
  const { auth } = (await stored(cpId)) as StationItem & { readonly auth: BasicAuth };
  const hash = (await hashesOf(api.passwords, cpId)).get(auth.passwordId);
  return (await matchPassword(Buffer.from(password), hash === undefined ? [] : [hash])) === 0;
};
type Result = { identity: string; outcome: string; cpId: string; password: string };

describe("importStations", () => {
  it("registers 500 stations, and nothing again when they are sent again", async () => {
    const stations = Array.from({ length: 500 }, (_, n) => ({ identity: `I${n}`, tags: [`t${n % 3}`] }));

    const first = await importing({ stations });

    expect(first.body.counts).toEqual({ created: 500, exists: 0, problem: 0 });
    const results = first.body.results as Result[];
    expect(results.map(({ identity }) => identity)).toEqual(stations.map(({ identity }) => identity));
    expect(new Set(results.map(({ password }) => password)).size).toBe(500);
    const all = { partition: stationsOf("default"), limit: 1000 };
    const before = await api.table.list(all);

    const again = await importing({ stations });

    expect(again.body.counts).toEqual({ created: 0, exists: 500, problem: 0 });
    expect(JSON.stringify(again.body)).not.toContain("password");
    expect(await api.table.list(all)).toEqual(before);
    const { cpId, password } = results[499] as Result;
    expect(await isValid(cpId, password)).toBe(true);
  });

  it("has an outcome for each, whatever the others are", async () => {
    const rate = { networkId: "default", rateId: "day", currency: "EUR", priceText: "free" };
    await api.table.put({ ...rateKey("default", "day"), ...rate });
    const { body, headers } = await importing({
      stations: [
        { identity: "O1", rateId: "day", link: "LEGACY", name: null },
        { identity: "a:b" },
        { identity: "O2", rateId: "night" },
        { identity: "O1" },
        { identity: "O3", auth: { type: "none" } },
        { name: "no identity" },
        { identity: "O4", networkId: "open" },
        { identity: "O5", auth: { type: "basic", password: "correct horse" } },
      ],
    });
    expect(headers["Cache-Control"]).toBe("no-store");
    expect(body.results).toMatchObject([
      { identity: "O1", outcome: "created", cpId: cpIdOf("default", "O1"), password: expect.any(String) },
      { identity: "a:b", outcome: "problem", problem: { status: 400, errors: [{ pointer: "/identity" }] } },
      { identity: "O2", outcome: "problem", problem: { status: 404 } },
      { identity: "O1", outcome: "exists", cpId: cpIdOf("default", "O1") },
      { identity: "O3", outcome: "problem", problem: { errors: [{ pointer: "/auth/type" }] } },
      { identity: "", outcome: "problem", problem: { errors: [{ pointer: "/identity" }] } },
      { identity: "O4", outcome: "problem", problem: { status: 404 } },
      { identity: "O5", outcome: "created" },
    ]);
    expect(body.results[7]).not.toHaveProperty("password");
    expect(body.counts).toEqual({ created: 2, exists: 1, problem: 5 });
    expect(await stored(cpIdOf("default", "O1"))).toMatchObject({ link: "legacy", rateId: "day" });
    expect(await stored(cpIdOf("open", "O4"))).toBeUndefined();
    expect(await isValid(cpIdOf("default", "O5"), "correct horse")).toBe(true);
  });

  it("registers into the networks of the caller that the rows name", async () => {
    const stations = [{ identity: "N1", networkId: "open", auth: { type: "none" } }, { identity: "N1" }];
    const { body } = await importing({ stations }, {}, "both");
    expect(body.results).toMatchObject([
      { outcome: "created", cpId: cpIdOf("open", "N1") },
      { outcome: "problem", problem: { errors: [{ pointer: "/networkId" }] } },
    ]);
  });

  it.each([
    [{}, "/stations"],
    [{ stations: [] }, "/stations"],
    [{ stations: Array.from({ length: 501 }, () => ({})) }, "/stations"],
    [{ stations: ["CP1"] }, "/stations/0"],
    [
      { stations: Array.from({ length: 201 }, (_, n) => ({ identity: `${n}`, auth: { password: "x" } })) },
      "/stations",
    ],
  ])("refuses a body that is no import %#", async (body, pointer) => {
    const response = await importing(body);
    expect([response.status, pointers(response.body)]).toEqual([400, [pointer]]);
  });
});

describe("importStations of CSV", () => {
  it("reads every column, quotes, a BOM and empty cells", async () => {
    const { body } = await csv(
      [
        "\ufeffidentity,name,tags,location.latitude,location.longitude,location.address,link,lock,defaultProtocol,connectors,auth.type,auth.password",
        '"V,1","Town ""hall""", depot-7 ;AC;,52.5,-8,"1, Market Square",legacy,permanent,ocpp1.6,1;2:1,basic,correct horse battery',
        "V2,,,,,,,,,,,",
        "V3,,,north,8,,,,,x,certificate,",
        "",
      ].join("\r\n"),
    );
    expect(body.results).toMatchObject([
      { identity: "V,1", outcome: "created" },
      { identity: "V2", outcome: "created", password: expect.any(String) },
      {
        identity: "V3",
        problem: {
          errors: [{ pointer: "/connectors/0/connectorId" }, { pointer: "/location/latitude" }],
        },
      },
    ]);
    expect(await stored(cpIdOf("default", "V,1"))).toMatchObject({
      name: 'Town "hall"',
      tags: ["depot-7", "AC"],
      location: { latitude: 52.5, longitude: -8, address: "1, Market Square" },
      link: "legacy",
      lock: "permanent",
      defaultProtocol: "ocpp1.6",
      connectors: { "1/1": {}, "2/1": {} },
    });
    const again = await csv("identity\nV2\nV4");
    expect(again.body.counts).toEqual({ created: 1, exists: 1, problem: 0 });
  });

  it.each([
    ["identity,colour\nX1,red", 'has an unknown column: "colour"'],
    ["identity,identity\nX1,X2", 'has two columns "identity"'],
    [
      'identity\n"X1',
      "is not CSV: Quote Not Closed: the parsing is finished with an opening quote at line 2",
    ],
    ["identity,name\nX1", "is not CSV: Invalid Record Length: expect 2, got 1 on line 2"],
    ["identity\nX1\ufffd", "is not UTF-8"],
  ])("refuses %j as a whole", async (text, detail) => {
    const { status, body } = await csv(text);
    expect([status, body.errors]).toEqual([400, [{ pointer: "", detail }]]);
    expect(await stored(cpIdOf("default", "X1"))).toBeUndefined();
  });

  it("refuses a file without rows, and CSV where a route has none", async () => {
    expect(pointers((await csv("identity\n")).body)).toEqual(["/stations"]);
    const headers = { "content-type": "text/csv" };
    expect((await api.call("registerStation", { body: "identity\nX1", headers })).status).toBe(415);
  });
});

describe("importStations with an Idempotency-Key", () => {
  const stations = (prefix: string) => [
    { identity: `${prefix}1` },
    { identity: `${prefix}2`, auth: { type: "basic", password: "correct horse" } },
    { identity: `${prefix}3` },
    { identity: `${prefix}4`, link: "lost" },
  ];

  it("returns new passwords to a repeat for stations that have not connected, and stores none", async () => {
    const { put, update } = api.table;
    const spies = [
      vi.spyOn(api.table, "put").mockImplementation((...all) => put(...all)),
      vi.spyOn(api.table, "update").mockImplementation((all) => update(all)),
    ];
    const key = { "idempotency-key": "import-1" };
    const first = await importing({ stations: stations("K") }, key);
    const { cpId } = first.body.results[2] as Result;
    await api.table.put({ ...stationKey(cpId), ...(await stored(cpId)), lastSeenAtMs: 1 });

    const again = await importing({ stations: stations("K") }, key);

    const written = JSON.stringify(spies.map((spy) => spy.mock.calls));
    for (const spy of spies) spy.mockRestore();
    expect(again.headers["Idempotent-Replayed"]).toBe("true");
    const [one, two, three, four] = again.body.results as Result[];
    expect([one, two, three, four]).toMatchObject([
      { outcome: "created", password: expect.stringMatching(/^\w{20}$/) },
      { outcome: "created" },
      { outcome: "created" },
      { outcome: "problem" },
    ]);
    for (const result of [two, three, four]) expect(result).not.toHaveProperty("password");
    const [former] = first.body.results as Result[];
    expect(await isValid(former?.cpId as string, former?.password as string)).toBe(false);
    expect(await isValid(one?.cpId as string, one?.password as string)).toBe(true);
    for (const { password } of [...first.body.results, ...again.body.results] as Result[])
      if (password) expect(written).not.toContain(password);
  });

  it("continues an import whose function died before its outcome was stored", async () => {
    const key = { "idempotency-key": "import-2" };
    const lost = vi.spyOn(api.table, "update").mockRejectedValueOnce(new Error("died"));
    await importing({ stations: stations("D") }, key);
    lost.mockRestore();

    const { body } = await importing({ stations: stations("D") }, key);

    expect((body.results as Result[]).map(({ outcome }) => outcome)).toEqual([
      "created",
      "exists",
      "created",
      "problem",
    ]);
    const { cpId, password } = body.results[0] as Result;
    expect(await isValid(cpId, password)).toBe(true);
  });
});
