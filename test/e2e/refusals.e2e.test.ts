import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Station } from "../../local/stations/station.ts";
import { cpIdOf } from "../../shared/ids.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay } from "../support/relay.ts";
import { signIn } from "../support/sign-in.ts";

let relay: RelayUnderTest;
let station: Station;

beforeAll(async () => {
  relay = await startRelay();
  station = await relay.station("target");
});
afterAll(() => relay.stop());

const problem = ({ status, headers, body }: ApiAnswer) => ({
  status,
  type: body.type?.replace("https://ocpp-relay.dev/problems/", ""),
  json: headers.get("content-type"),
});
const refusal = (status: number, type: string) => ({ status, type, json: "application/problem+json" });

/** Runs a request that must not reach the station. */
async function without(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  relay.local.resetMetrics();
  const before = station.calls.length;
  const answer = await send();
  expect(station.calls).toHaveLength(before);
  expect(relay.local.metrics().postToConnection).toBe(0);
  return answer;
}

describe("a command that cannot be sent", () => {
  it("to an offline station is 409, and says when it was last seen", async () => {
    const offline = await relay.station("offline");
    await offline.disconnect();

    const answer = await without(async () => {
      for (;;) {
        const seen = await relay.get("/stations/offline");
        if (!seen.body.connection.connected) return relay.command("offline", "reset", { type: "Soft" });
      }
    });

    expect(problem(answer)).toEqual(refusal(409, "station-not-connected"));
    expect(Date.parse(answer.body.lastSeenAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("to a station that was never connected is 409 without a time", async () => {
    await relay.register("never");

    const answer = await without(() => relay.command("never", "reset", { type: "Soft" }));

    expect(problem(answer)).toEqual(refusal(409, "station-not-connected"));
    expect(answer.body).not.toHaveProperty("lastSeenAt");
  });

  it("to an unknown station is 404, by identity and by id", async () => {
    const byIdentity = await without(() => relay.command("nobody", "reset", { type: "Soft" }));
    const byId = await without(() => relay.command(cpIdOf("default", "nobody"), "reset", { type: "Soft" }));

    expect(problem(byIdentity)).toEqual(refusal(404, "not-found"));
    expect(problem(byId)).toEqual(refusal(404, "not-found"));
  });

  it("to a station of another network is 404, word for word as if it did not exist", async () => {
    await relay.call("PUT", "/networks/elsewhere", { body: { name: "Elsewhere", clients: ["other"] } });
    const token = await relay.otherToken();
    const cpId = cpIdOf("default", "target");

    const foreign = await without(() => relay.command(cpId, "reset", { type: "Soft" }, { token }));
    const missing = await without(() =>
      relay.command(cpIdOf("default", "nobody"), "reset", { type: "Soft" }, { token }),
    );

    expect(problem(foreign)).toEqual(refusal(404, "not-found"));
    expect({ ...foreign.body, instance: "" }).toEqual({ ...missing.body, instance: "" });
    await relay.call("PUT", "/networks/elsewhere", { body: { name: "Elsewhere", clients: [] } });
  });

  it("without a token is 401, and with one that lacks the scope 403", async () => {
    const token = await relay.narrowToken("read:ocpp");

    const none = await without(() => relay.command("target", "reset", { type: "Soft" }, { token: null }));
    const broken = await without(() =>
      relay.command("target", "reset", { type: "Soft" }, { token: "a.b.c" }),
    );
    const narrow = await without(() => relay.command("target", "reset", { type: "Soft" }, { token }));

    expect([none.status, broken.status, narrow.status]).toEqual([401, 401, 403]);
  });

  it("with broken JSON, or with something else than JSON, is told so", async () => {
    const broken = await without(() => relay.command("target", "reset", '{"type": '));
    const text = await without(() =>
      relay.command("target", "reset", "type=Soft", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }),
    );

    expect(problem(broken)).toEqual(refusal(400, "invalid-request"));
    expect(problem(text)).toEqual(refusal(415, "unsupported-media-type"));
  });

  it("with wrong fields is 400 and points to each", async () => {
    const wrong = await without(() => relay.command("target", "reset", { type: "Warm", force: true }));
    const empty = await without(() =>
      relay.command("target", "change_configurations", { configurations: [{ key: "A" }, { value: "1" }] }),
    );

    expect(problem(wrong)).toEqual(refusal(400, "invalid-request"));
    expect(wrong.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/force",
      "/type",
    ]);
    expect(empty.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/configurations/0/value",
      "/configurations/1/key",
    ]);
  });

  it("with a value that OCPP 1.6 does not take is 422, wherever in the list it stands", async () => {
    const answer = await without(() =>
      relay.command("target", "change_configurations", {
        configurations: [
          { key: "HeartbeatInterval", value: "60" },
          { key: "Long", value: "x".repeat(501) },
        ],
      }),
    );

    expect(problem(answer)).toEqual(refusal(422, "payload-violates-schema"));
    expect(answer.body).toMatchObject({
      protocol: "ocpp1.6",
      action: "ChangeConfiguration",
      errors: [{ pointer: "/value", detail: expect.stringContaining("500") }],
    });
  });

  it("in a frame of more than 32 KB is 413", async () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `Key${i}`.padEnd(40, "x"));

    const answer = await without(() => relay.command("target", "get_configuration", { keys }));

    expect(problem(answer)).toEqual(refusal(413, "payload-too-large"));
    expect(answer.body.limit).toBe(32_768);
    expect(answer.body.bytes).toBeGreaterThan(40_000);
  });

  it("leaves nothing behind: the next one goes straight through", async () => {
    expect((await relay.get("/networks/default")).body.inUse).toBe(0);

    const { status } = await relay.command("target", "get_configuration", { keys: ["HeartbeatInterval"] });

    expect(status).toBe(200);
  });
});

describe("a user who signed in", () => {
  const reset = { type: "Soft" };

  it("as viewer reads stations, and is refused commands", async () => {
    const token = await signIn(relay.local.apiUrl, "viewer");

    const read = await relay.get("/stations/target", { token });
    const refused = await without(() => relay.command("target", "reset", reset, { token }));

    expect(read).toMatchObject({ status: 200, body: { identity: "target" } });
    expect(problem(refused)).toEqual(refusal(403, "forbidden"));
  });

  it("as operator sends commands, and is refused networks", async () => {
    const token = await signIn(relay.local.apiUrl, "operator");

    const sent = await relay.command("target", "reset", reset, { token });
    const refused = await relay.call("PUT", "/networks/acme", { body: { name: "Acme" }, token });

    expect(sent).toMatchObject({ status: 200, body: { status: "Accepted" } });
    expect(problem(refused)).toEqual(refusal(403, "forbidden"));
  });

  it("as admin changes networks", async () => {
    const token = await signIn(relay.local.apiUrl, "admin");

    const created = await relay.call("PUT", "/networks/acme", { body: { name: "Acme" }, token });

    expect(created).toMatchObject({ status: 201, body: { networkId: "acme" } });
  });
});
