import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enterLane, leaveLane, leaveLaneAnswered } from "../../../shared/limits/lane.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import { runs } from "../../support/property-limits.ts";
import { newStation } from "../../support/stations.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let count = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

describe("a lane under runs that enter and leave in any order", () => {
  it("has each message id once, in order of arrival, while a run waits for it", async () => {
    const step = fc.record({
      id: fc.constantFrom("x", "y", "z"),
      does: fc.constantFrom("enter" as const, "enter" as const, "leave" as const, "answered" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const connection = { connectionId: "c", protocol: "ocpp1.6", connectedAtMs: 0 } as const;
        const station = newStation({ identity: `CP${++count}`, connection });
        const { cpId } = station;
        await store.table.put({ ...stationKey(cpId), ...station });
        let model: { id: string; users: number }[] = [];
        for (const { id, does } of steps) {
          const own = model.find((each) => each.id === id);
          if (does === "enter") {
            await enterLane(store.table, cpId, ["default"], { messageId: id, expiresAtMs: 1_000 });
            if (own) own.users += 1;
            else model.push({ id, users: 1 });
          } else if (does === "leave") {
            await leaveLane(store.table, cpId, id);
            if (own) own.users -= 1;
            model = model.filter(({ users }) => users > 0);
          } else {
            await leaveLaneAnswered(store.table, cpId, id, 1_000);
            if (model[0]?.id === id) model.shift();
          }
        }
        const { lane } = (await store.table.get<StationItem>(stationKey(cpId))) as StationItem;
        expect(lane.map(({ messageId, users = 1 }) => ({ id: messageId, users }))).toEqual(model);
      }),
      runs(20),
    );
  });
});
