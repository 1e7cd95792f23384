import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const ROOT = "/remote_commands/bulk";

const send = async (body: object) => {
  const answer = await relay.post(ROOT, body);
  expect(answer).toMatchObject({ status: 202 });
  expect(answer.headers.get("location")).toBe(`${ROOT}/${answer.body.bulkId}`);
  return answer.body.bulkId as string;
};
const read = async (bulkId: string) => (await relay.get(`${ROOT}/${bulkId}`)).body;
const ended = (bulkId: string) =>
  until(async () => {
    const bulk = await read(bulkId);
    return bulk.completedAt !== undefined && bulk;
  });
const results = async (bulkId: string, query = "") =>
  (await relay.get(`${ROOT}/${bulkId}/results${query}`)).body.items;

describe("a bulk command", () => {
  it("is sent to three stations of both generations, each with its result and its command", async () => {
    const identities = ["bulk-1", "bulk-2", "bulk-3"];
    await Promise.all([
      relay.station("bulk-1", { protocol: "ocpp1.6" }),
      relay.station("bulk-2", { protocol: "ocpp2.0.1" }),
      relay.station("bulk-3", {
        protocol: "ocpp2.1",
        handlers: { Reset: () => ({ status: "Rejected" }) },
      }),
    ]);
    const bulkId = await send({ command: "reset", input: { type: "Soft" }, stations: { ids: identities } });

    const bulk = await ended(bulkId);
    const [first, , third] = await results(bulkId);
    const command = await relay.get(`/remote_commands/${first.commandId}`);
    const listed = await relay.get(`/remote_commands?bulkId=${bulkId}`);

    expect(bulk).toMatchObject({
      command: "reset",
      state: "completed",
      counts: { total: 3, waiting: 0, running: 0, accepted: 2, refused: 1, failed: 0, cancelled: 0 },
      requestedBy: { clientId: "demo" },
    });
    expect(first).toMatchObject({ outcome: "accepted", status: "Accepted" });
    expect(third).toMatchObject({ outcome: "refused", status: "Rejected" });
    expect(command.body).toMatchObject({ state: "answered", requestedBy: { clientId: "demo" } });
    expect(listed.body.items).toHaveLength(3);
    expect((await relay.get(ROOT)).body.items[0]).toMatchObject({ bulkId, state: "completed" });
    expect((await relay.get("/networks/default")).body.inUse).toBe(0);
  });

  it("skips a station that is offline, and fails at one that does not exist", async () => {
    await relay.register("bulk-4");
    const bulkId = await send({
      command: "clear_cache",
      stations: { ids: ["bulk-1", "bulk-4", "nowhere"] },
      stopAfterFailures: 2,
    });

    const { state, counts } = await ended(bulkId);
    const failed = await results(bulkId, "?outcome=failed");

    expect(state).toBe("completed");
    expect(counts).toMatchObject({ total: 3, waiting: 0, running: 0, accepted: 1, failed: 1, skipped: 1 });
    expect(failed).toMatchObject([{ problem: { type: "https://ocpp-relay.dev/problems/not-found" } }]);
  });
});
