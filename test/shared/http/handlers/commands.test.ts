import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callIdOf } from "../../../../shared/calls/ids.ts";
import { createApi } from "../../../../shared/http/api.ts";
import { commandHandlers } from "../../../../shared/http/handlers/commands.ts";
import { commandRoutes } from "../../../../shared/http/routes/commands.ts";
import { cpIdOf } from "../../../../shared/ids.ts";
import { callApi } from "../../../support/api.ts";
import { exchange, NOW } from "../../../support/exchanges.ts";
import { startTable, type TestTable } from "../../../support/table.ts";

let db: TestTable;
let read: (commandId: string, client?: string) => ReturnType<typeof callApi>;

beforeAll(async () => {
  db = await startTable();
  const clock = { now: () => NOW + 1000, sleep: async () => {} };
  const handler = createApi(commandRoutes, commandHandlers({ table: db.table, clock }), {
    table: db.table,
    scopePrefix: "",
  });
  read = (commandId, client = "demo") => callApi(handler, "getCommand", { params: { commandId }, client });
});
afterAll(() => db.stop());

describe("getCommand", () => {
  it("reads a command with its CALLs in order", async () => {
    const commandId = "0d6f2a3e-4d0a-4d6e-9a53-2f3b8f0d1c11";
    const callCount = 12;
    for (let n = 0; n < callCount; n++) {
      const ocppMessageId = callIdOf(commandId, n);
      await db.table.put(exchange({ commandId, ocppMessageId, ...(n === 0 && { callCount }) }));
    }
    const { status, body } = await read(commandId);
    expect({ status, state: body.state }).toEqual({ status: 200, state: "sent" });
    expect(body.calls.map((call: { ocppMessageId: string }) => call.ocppMessageId)).toEqual(
      Array.from({ length: callCount }, (_, n) => callIdOf(commandId, n)),
    );
  });

  it("finds the caller's among commands that share an id", async () => {
    const about = { ocppMessageId: "1", commandId: "1" };
    const foreign = { ...about, networkId: "a", cpId: cpIdOf("a", "CP1") };
    await db.table.put(exchange(foreign));
    await db.table.put(exchange(about));
    expect((await read("1")).body.cpId).toBe(cpIdOf("default", "CP1"));
  });

  it("answers 404 for commands of another network and for ids of no command", async () => {
    await db.table.put(exchange({ ocppMessageId: "2", commandId: "2", networkId: "a" }));
    await db.table.put(exchange({ ocppMessageId: "3", commandId: "1" }));
    for (const commandId of ["2", "3", "4", "#", "x".repeat(3000)]) {
      expect((await read(commandId)).status, commandId).toBe(404);
    }
  });
});
