import { describe, expect, it } from "vitest";
import { LocalList } from "../../../local/stations/local-list.ts";
import { stationOf } from "../../support/simulated-station.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const accepted = { status: "Accepted" };

describe("the local list of a simulated station", () => {
  it("is replaced by a Full update and changed by a Differential one", () => {
    const list = new LocalList();
    const names = ["A", "B", "C"];
    const listed = () => names.filter((token) => list.accepts(token, NOW));

    list.update({ version: 5, updateType: "Full", entries: [{ token: "a", info: accepted }] });
    expect(listed()).toEqual(["A"]);
    const changes = [{ token: "A" }, { token: "B", info: accepted }];
    expect(list.update({ version: 5, updateType: "Differential", entries: changes })).toBe("VersionMismatch");
    expect(listed()).toEqual(["A"]);
    expect(list.update({ version: 6, updateType: "Differential", entries: changes })).toBe("Accepted");
    expect([listed(), list.version, list.size]).toEqual([["B"], 6, 1]);
    list.update({ version: 1, updateType: "Full", entries: [{ token: "C", info: accepted }] });
    expect([listed(), list.version]).toEqual([["C"], 1]);
  });

  it.each([
    ["Accepted", undefined, true],
    ["Accepted", "2026-11-20T12:00:01Z", true],
    ["Accepted", "2026-11-20T12:00:00Z", false],
    ["Blocked", undefined, false],
  ])("of a token with %s until %s: accepted is %s", (status, expiresAt, isAccepted) => {
    const list = new LocalList();
    list.update({ version: 1, updateType: "Full", entries: [{ token: "A", info: { status, expiresAt } }] });
    expect(list.accepts("A", NOW)).toBe(isAccepted);
  });
});

const variable = (component: string, name: string, attributeValue: string) => ({
  ...{ component: { name: component }, variable: { name }, attributeValue },
});
const token = { idToken: "TAG", type: "Central" };
const schedule = {
  chargingRateUnit: "W",
  chargingSchedulePeriod: [{ startPeriod: 0, limit: 2000 }],
};

describe.each([
  {
    protocol: "ocpp1.6",
    list: {
      ...{ listVersion: 1, updateType: "Full" },
      localAuthorizationList: [{ idTag: "TAG", idTagInfo: accepted }],
    },
    setting: ["ChangeConfiguration", { key: "LocalPreAuthorize", value: "true" }],
    start: [
      "RemoteStartTransaction",
      {
        idTag: "TAG",
        chargingProfile: {
          ...{ chargingProfileId: 1, stackLevel: 0, chargingProfileKind: "Relative" },
          ...{ chargingProfilePurpose: "TxProfile", chargingSchedule: schedule },
        },
      },
    ],
    composite: { connectorId: 1, duration: 60 },
  },
  {
    protocol: "ocpp2.0.1",
    list: {
      ...{ versionNumber: 1, updateType: "Full" },
      localAuthorizationList: [{ idToken: token, idTokenInfo: accepted }],
    },
    setting: ["SetVariables", { setVariableData: [variable("AuthCtrlr", "LocalPreAuthorize", "true")] }],
    start: [
      "RequestStartTransaction",
      {
        ...{ idToken: token, remoteStartId: 1 },
        chargingProfile: {
          ...{ id: 1, stackLevel: 0, chargingProfileKind: "Relative" },
          ...{ chargingProfilePurpose: "TxProfile", chargingSchedule: [{ id: 1, ...schedule }] },
        },
      },
    ],
    composite: { evseId: 1, duration: 60 },
  },
] as const)("a simulated $protocol station", ({ protocol, list, setting, start, composite }) => {
  it("asks for no token that is on its list once LocalPreAuthorize is on", async () => {
    const { behaviour, boot, fire, calls } = stationOf(protocol);
    await boot();
    await behaviour.answer("SendLocalList", list);
    const asked = async () => {
      calls.length = 0;
      await behaviour.startCharging(1, "TAG");
      await behaviour.stopCharging(1);
      await fire(1);
      return calls.filter((action) => action === "Authorize").length;
    };
    expect(await asked()).toBe(1);

    await behaviour.answer(setting[0], setting[1]);

    expect(await asked()).toBe(0);
  });

  it("charges by the profile that a remote start brings", async () => {
    const { behaviour, boot, fire } = stationOf(protocol);
    await boot();

    expect(await behaviour.answer(start[0], start[1])).toEqual({ status: "Accepted" });
    await fire(1);

    const limit = { chargingSchedulePeriod: [{ startPeriod: 0, limit: 2000 }] };
    const answer = await behaviour.answer("GetCompositeSchedule", composite);
    expect(answer.chargingSchedule ?? answer.schedule).toMatchObject(limit);
  });
});
