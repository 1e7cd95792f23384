import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenKey, tokensOf } from "../../../../shared/store/keys.ts";
import { pointers, type StationApi, startStationApi } from "../../../support/station-api.ts";

let api: StationApi;
beforeAll(async () => {
  api = await startStationApi();
});
afterAll(() => api.stop());

const about = (idTag: string, client = "demo", headers: Record<string, string> = {}) => ({
  params: { idTag },
  client,
  headers,
});
const put = (idTag: string, body: unknown, { client = "demo", ...headers }: Record<string, string> = {}) =>
  api.call("putToken", { ...about(idTag, client, headers), body });
const get = (idTag: string, client?: string) => api.call("getToken", about(idTag, client));
const remove = (idTag: string, headers?: Record<string, string>) =>
  api.call("deleteToken", about(idTag, "demo", headers));
const importing = (body: unknown, headers: Record<string, string> = {}) =>
  api.call("importTokens", { body, headers });
const stored = (idTag: string) => api.table.get(tokenKey("default", idTag));

async function list(query: Record<string, string> = {}, client = "demo"): Promise<string[]> {
  const seen: string[] = [];
  let cursor: Record<string, string> = {};
  for (;;) {
    const { status, body } = await api.call("listTokens", { query: { ...query, ...cursor }, client });
    expect(status).toBe(200);
    seen.push(...body.items.map(({ idTag }: { idTag: string }) => idTag));
    if (!body.nextCursor) return seen;
    cursor = { cursor: body.nextCursor };
  }
}

describe("a token", () => {
  it("is created, read in any case, replaced and deleted", async () => {
    const settings = {
      type: "ISO14443",
      status: "accepted",
      expiresAt: "2030-01-01T01:00:00+01:00",
      groupId: "FLEET-7",
      note: "Spare card",
    };
    const created = await put("0A1b", settings);
    const token = {
      ...settings,
      ...{ idTag: "0A1b", networkId: "default", status: "Accepted", expiresAt: "2030-01-01T00:00:00.000Z" },
    };
    expect(created).toMatchObject({ status: 201, body: token });
    expect(await get("0a1B")).toEqual({ ...created, status: 200 });

    const replaced = await put("0A1B", { status: "Blocked" });
    expect([replaced.status, replaced.body]).toEqual([
      200,
      { idTag: "0A1B", networkId: "default", status: "Blocked" },
    ]);
    expect((await remove("0a1b")).status).toBe(204);
    expect([(await get("0A1B")).status, (await remove("0A1B")).status]).toEqual([404, 404]);
  });

  it.each([
    ["an unknown status", { status: "Lost" }, "/status"],
    ["no status", {}, "/status"],
    ["a time that is none", { status: "Accepted", expiresAt: "tomorrow" }, "/expiresAt"],
    ["a group of 37 characters", { status: "Accepted", groupId: "g".repeat(37) }, "/groupId"],
    ["a member that there is not", { status: "Accepted", groupIdTag: "G" }, "/groupIdTag"],
  ])("with %s is refused", async (_, body, pointer) => {
    const { status, body: problem } = await put("BAD", body);
    expect([status, pointers(problem)]).toEqual([400, [pointer]]);
    expect(await stored("BAD")).toBeUndefined();
  });

  it("whose text has control characters or is too long is refused", async () => {
    for (const idTag of ["a\u0007", "x".repeat(256)])
      expect(await put(idTag, { status: "Accepted" })).toMatchObject({
        status: 400,
        body: { errors: [{ parameter: "idTag" }] },
      });
  });

  it("is written and deleted only in the version that If-Match names", async () => {
    const { headers } = await put("E1", { status: "Accepted" });
    const first = { "if-match": String(headers.ETag) };
    expect((await put("E2", { status: "Accepted" }, first)).status).toBe(412);

    const changed = await put("E1", { status: "Blocked" }, first);

    expect(changed.status).toBe(200);
    expect(changed.headers.ETag).not.toBe(headers.ETag);
    expect((await put("E1", { status: "Invalid" }, first)).status).toBe(412);
    expect((await remove("E1", first)).status).toBe(412);
    expect((await get("E1")).body.status).toBe("Blocked");
    expect((await remove("E1", { "if-match": String(changed.headers.ETag) })).status).toBe(204);
    expect((await put("E1", { status: "Accepted" }, { "if-match": "*" })).status).toBe(412);
  });

  it("of another network is as one that does not exist", async () => {
    await put("THEIRS", { status: "Accepted", note: "ours" }, { client: "opener" });

    const unknown = await get("ABSENT");
    const foreign = await get("THEIRS");

    expect([foreign.status, foreign.body.detail]).toEqual([404, unknown.body.detail]);
    expect((await remove("THEIRS")).status).toBe(404);
    expect((await put("THEIRS", { status: "Blocked" })).status).toBe(201);
    expect((await get("THEIRS", "opener")).body).toMatchObject({ networkId: "open", note: "ours" });
    const named = { ...about("THEIRS"), query: { network: "open" } };
    expect((await api.call("getToken", named)).status).toBe(404);
    expect((await api.call("getToken", { ...named, client: "both" })).body.note).toBe("ours");
    expect((await api.call("getToken", about("THEIRS", "both"))).status).toBe(400);
    expect(await list({}, "opener")).toEqual(["THEIRS"]);
  });
});

describe("listTokens", () => {
  it("filters by the beginning, the status and the group, alone and together, over pages", async () => {
    const tokens = Array.from({ length: 60 }, (_, n) => ({
      idTag: `${n % 2 === 0 ? "l" : "L"}${String(n).padStart(2, "0")}`,
      status: n % 3 === 0 ? "Blocked" : "Accepted",
      ...(n % 5 === 0 && { groupId: n % 10 === 0 ? "G1" : "g1" }),
    }));
    expect((await importing({ tokens })).body.counts.created).toBe(60);
    const names = (keep: (token: (typeof tokens)[number]) => boolean) =>
      tokens.filter(keep).map(({ idTag }) => idTag);

    expect(await list({ idTag: "l", limit: "7" })).toEqual(names(() => true));
    expect(await list({ idTag: "L1", limit: "3" })).toEqual(names(({ idTag }) => /^l1/i.test(idTag)));
    expect(await list({ idTag: "l", status: "Blocked", limit: "3" })).toEqual(
      names(({ status }) => status === "Blocked"),
    );
    expect(await list({ groupId: "G1", status: "Accepted", limit: "3" })).toEqual(
      names(({ groupId, status }) => groupId !== undefined && status === "Accepted"),
    );
    expect(await list({ idTag: "no such" })).toEqual([]);
  });

  it("refuses a cursor of another network's list", async () => {
    await put("C1", { status: "Accepted" }, { client: "opener" });
    await put("C2", { status: "Accepted" }, { client: "opener" });
    const { body } = await api.call("listTokens", { query: { limit: "1" }, client: "opener" });
    const query = { cursor: body.nextCursor };
    expect((await api.call("listTokens", { query })).status).toBe(400);
  });
});

describe("importTokens", () => {
  it("stores 500 tokens; the same again changes nothing, and a changed one only itself", async () => {
    const tokens = Array.from({ length: 500 }, (_, n) => ({ idTag: `I${n}`, status: "Accepted" }));
    const first = await importing({ tokens });
    expect(first.body.counts).toEqual({ created: 500, updated: 0, exists: 0, problem: 0 });
    expect(first.body.results.map(({ idTag }: { idTag: string }) => idTag)).toEqual(
      tokens.map(({ idTag }) => idTag),
    );
    const all = { partition: tokensOf("default"), limit: 1000 };
    const before = await api.table.list(all);

    const again = await importing({ tokens });

    expect(again.body.counts).toEqual({ created: 0, updated: 0, exists: 500, problem: 0 });
    expect(await api.table.list(all)).toEqual(before);
    const changed = tokens.with(7, { idTag: "I7", status: "Blocked" });
    expect((await importing({ tokens: changed })).body.counts).toMatchObject({ updated: 1, exists: 499 });
    expect(await stored("I7")).toMatchObject({ status: "Blocked" });
  });

  it("has an outcome for each, whatever the others are; of a repeated token the last row counts", async () => {
    const { body } = await importing({
      tokens: [
        { idTag: "O1", status: "Accepted", note: null },
        { idTag: "O2", status: "Lost" },
        { status: "Accepted" },
        { idTag: "o1", status: "BLOCKED" },
        { idTag: "O3", status: "Accepted", expiresAt: "never" },
      ],
    });

    const problem = (pointer: string) => ({ status: 400, errors: [{ pointer }] });
    expect(body.results).toMatchObject([
      { idTag: "O1", outcome: "created" },
      { idTag: "O2", outcome: "problem", problem: problem("/status") },
      { idTag: "", outcome: "problem", problem: problem("/idTag") },
      { idTag: "o1", outcome: "updated" },
      { idTag: "O3", outcome: "problem", problem: problem("/expiresAt") },
    ]);
    expect(body.counts).toEqual({ created: 1, updated: 1, exists: 0, problem: 3 });
    expect(await stored("O1")).toMatchObject({ idTag: "o1", status: "Blocked" });
  });

  it("reads CSV", async () => {
    const file = [
      "idTag,status,expiresAt,groupId,type,note",
      'V1,accepted,2030-01-01T00:00:00Z,FLEET,ISO14443,"Depot, gate 1"',
      "V2,Blocked,,,,",
    ].join("\r\n");

    const { body } = await importing(file, { "content-type": "text/csv" });

    expect(body.counts).toEqual({ created: 2, updated: 0, exists: 0, problem: 0 });
    expect((await get("v1")).body).toEqual({
      ...{ idTag: "V1", networkId: "default", type: "ISO14443", status: "Accepted" },
      ...{ expiresAt: "2030-01-01T00:00:00.000Z", groupId: "FLEET", note: "Depot, gate 1" },
    });
    expect((await get("V2")).body).toEqual({ idTag: "V2", networkId: "default", status: "Blocked" });
  });

  it("takes 1 to 500 tokens", async () => {
    const tokens = Array.from({ length: 501 }, (_, n) => ({ idTag: `M${n}`, status: "Accepted" }));
    for (const some of [tokens, []]) expect(await importing({ tokens: some })).toMatchObject({ status: 400 });
    expect(await stored("M0")).toBeUndefined();
  });

  it("repeated with its Idempotency-Key answers as before and stores nothing", async () => {
    const headers = { "idempotency-key": "import-1" };
    const body = { tokens: [{ idTag: "K1", status: "Accepted" }] };
    const first = await importing(body, headers);
    await remove("K1");

    const replay = await importing(body, headers);

    expect(replay.body).toEqual(first.body);
    expect(await stored("K1")).toBeUndefined();
  });
});
