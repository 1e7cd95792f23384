import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CentralSystem } from "./central-system.ts";
import { connectRaw, UpgradeRefused } from "./raw-station.ts";

const PASSWORD = "a-password-of-32-characters-here";

const system = new CentralSystem();

beforeAll(() => system.start());
afterAll(() => system.close());

describe("a raw station", () => {
  it("exchanges frames as they are", async () => {
    const station = await connectRaw(`${system.url}/RAW`);
    station.send([2, "1", "Heartbeat", {}]);
    expect(await station.next()).toEqual([3, "1", { currentTime: expect.any(String) }]);
    station.send("not JSON");
    expect((await station.next())[0]).toBe(4);
    await station.close();
    expect(await station.closed).toMatchObject({ code: 1005 });
  });

  it("tells how its upgrade was refused", async () => {
    system.passwords.set("LOCKED", PASSWORD);
    const refused = connectRaw(`${system.url}/LOCKED`, { identity: "LOCKED", password: "wrong" });
    await expect(refused).rejects.toThrow(UpgradeRefused);
    await expect(refused).rejects.toMatchObject({ status: 401 });
  });
});
