import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { callError, NO_ANSWER } from "../../../local/stations/station.ts";
import { CentralSystem } from "../../support/central-system.ts";

const system = new CentralSystem();

beforeAll(() => system.start());
afterEach(() => system.closeStations());
afterAll(() => system.close());

describe("a simulated station as a test's instrument", () => {
  it("records the CALLs it received, their answers and how many were open at once", async () => {
    const { station, central } = await system.connect({
      boot: false,
      answerDelayMs: ({ action }) => (action === "ClearCache" ? 20 : 0),
    });

    const cleared = central.call("ClearCache", {});
    await station.received("ClearCache");
    expect(station.maxOutstanding).toBe(1);
    await cleared;
    await central.call("GetLocalListVersion", {});

    expect(station.calls).toEqual([
      {
        messageId: expect.any(String),
        action: "ClearCache",
        payload: {},
        receivedAtMs: expect.any(Number),
        answeredAtMs: expect.any(Number),
        answer: { status: "Accepted" },
      },
      expect.objectContaining({ action: "GetLocalListVersion", answer: { listVersion: 0 } }),
    ]);
    expect(station.maxOutstanding).toBe(1);
  });

  it("answers what a handler says: a payload, a CALLERROR, nothing, or something raw", async () => {
    const { station, central } = await system.connect({
      boot: false,
      handlers: {
        Reset: () => ({ status: "Rejected" }),
        UnlockConnector: () => {
          throw callError("InternalError", "jammed", { bolt: 3 });
        },
        ClearCache: () => NO_ANSWER,
        GetConfiguration: async ({ standard }) => ({ ...(await standard()), unknownKey: ["added"] }),
      },
    });

    expect(await central.call("Reset", { type: "Soft" })).toEqual({ status: "Rejected" });
    await expect(central.call("UnlockConnector", { connectorId: 1 })).rejects.toMatchObject({
      rpcErrorCode: "InternalError",
      message: "jammed",
      details: { bolt: 3 },
    });
    expect(await central.call("GetConfiguration", { key: ["CpoName"] })).toMatchObject({
      unknownKey: ["added"],
    });

    const unanswered = central.call("ClearCache", {});
    const { messageId } = await station.received("ClearCache");
    station.sendRaw(JSON.stringify([3, messageId, { status: "Accepted" }]));
    expect(await unanswered).toEqual({ status: "Accepted" });
    expect(station.calls.at(-1)?.answer).toEqual({ status: "Accepted" });
  });

  it("never answers on a later connection, and closes although a handler still runs", async () => {
    const { station, central } = await system.connect({ answerDelayMs: 60_000 });
    const lost = central.call("ClearCache", {});
    await station.received("ClearCache");

    const disconnected = station.disconnect();

    await expect(lost).rejects.toThrow();
    await disconnected;
    expect(station.connected).toBe(false);
  });

  it("refuses a CALL that breaks its schema or that it does not know", async () => {
    const { central } = await system.connect();

    const responses = await central.exchange([
      [2, "bad", "Reset", { type: "Medium" }],
      [2, "unknown", "Dance", {}],
    ]);

    expect(responses.map((response) => response.slice(0, 3))).toEqual([
      [4, "bad", "FormationViolation"],
      [4, "unknown", expect.any(String)],
    ]);
  });

  it("notices two CALLs that are open at once", async () => {
    const { station, central } = await system.connect({ answerDelayMs: 10 });

    await central.exchange([
      [2, "first", "ClearCache", {}],
      [2, "second", "ClearCache", {}],
    ]);

    expect(station.maxOutstanding).toBe(2);
  });

  it("connects again by itself after a lost connection, without a boot", async () => {
    const { central } = await system.connect();

    central.connection?.close({ force: true });
    await system.nextConnection();

    expect(await central.call("GetLocalListVersion", {})).toEqual({ listVersion: 0 });
    expect(central.all("BootNotification")).toHaveLength(1);
  });
});
