import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Behaviour, Device, Payload } from "../../../local/stations/behaviour.ts";
import { behaviours } from "../../../local/stations/protocols.ts";
import { actionsOf, csmsMaySend } from "../../../shared/ocpp/actions.ts";
import { payloadSchema, validatePayload } from "../../../shared/ocpp/schemas.ts";
import { valuesOf } from "../../support/arbitrary-from-schema.ts";
import "../../support/property-limits.ts";

/** A station whose reports go nowhere, and for which time stands still. */
function stationOf(protocol: keyof typeof behaviours, about: Partial<Device> = {}): Behaviour {
  return behaviours[protocol]({
    identity: "CP1",
    connectors: 2,
    faultyConnectors: [],
    stepMs: 10,
    configuration: {},
    now: () => new Date("2026-11-20T12:00:00Z"),
    call: async () => ({}),
    report: async () => ({ idTokenInfo: { status: "Accepted" } }),
    after: () => () => {},
    reboot: () => {},
    reconnect: () => {},
    ...about,
  });
}

const actions = (["ocpp2.0.1", "ocpp2.1"] as const).flatMap((protocol) =>
  [...actionsOf(protocol)]
    .filter((action) => csmsMaySend(protocol, action))
    .map((action) => ({ protocol, action })),
);

describe.each(actions)("a simulated station of $protocol", ({ protocol, action }) => {
  it(`answers ${action} as its schema wants it`, async () => {
    const requests = valuesOf(await payloadSchema(protocol, action, "request"));
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const answer = await Promise.resolve()
          .then(() => stationOf(protocol).answer(action, request as Payload))
          .catch((error: { rpcErrorCode?: string }) => error.rpcErrorCode);
        if (answer === "OccurrenceConstraintViolation") return;
        expect(await validatePayload(protocol, action, "response", answer)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a simulated station of 2.x", () => {
  const variable = (name: string, attributeValue?: string) => ({
    component: { name: "ocppcommctrlr" },
    variable: { name },
    ...(attributeValue !== undefined && { attributeValue }),
  });

  it("reads and writes variables whatever the case of their names", async () => {
    const station = stationOf("ocpp2.0.1", { configuration: { "OCPPCommCtrlr.HeartbeatInterval": "42" } });

    const before = await station.answer("GetVariables", { getVariableData: [variable("HEARTBEATINTERVAL")] });
    const set = await station.answer("SetVariables", {
      setVariableData: [
        variable("HeartbeatInterval", "7"),
        variable("ResetRetries", "many"),
        variable("ActiveNetworkProfile", "2"),
        variable("WebSocketPingInterval", "9"),
        variable("NoSuchVariable", "1"),
        { ...variable("HeartbeatInterval", "1"), attributeType: "Target" },
        { ...variable("X", "1"), component: { name: "NoSuchComponent" } },
      ],
    });

    expect(before.getVariableResult).toMatchObject([{ attributeValue: "42" }]);
    const statuses = (set.setVariableResult as { attributeStatus: string }[]).map(
      (result) => result.attributeStatus,
    );
    expect(statuses).toEqual([
      "Accepted",
      "Rejected",
      "Rejected",
      "RebootRequired",
      "UnknownVariable",
      "NotSupportedAttributeType",
      "UnknownComponent",
    ]);
  });

  it("refuses more items at once than it says it takes", () => {
    const limit = { "DeviceDataCtrlr.ItemsPerMessage[GetVariables]": "1" };
    const station = stationOf("ocpp2.1", { configuration: limit });
    const getVariableData = [variable("HeartbeatInterval"), variable("ResetRetries")];

    expect(() => station.answer("GetVariables", { getVariableData })).toThrow("at most 1 items");
  });
});
