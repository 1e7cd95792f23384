import { describe, expect, it } from "vitest";
import { DeviceModel } from "../../../local/stations/v2/device-model.ts";
import type { Session } from "../../../shared/commands/session.ts";
import { getVariables, setVariables } from "../../../shared/commands/variables-v2.ts";
import { LIMIT_VARIABLES } from "../../../shared/dialects/v2/limits.ts";
import { standardKeys, variableNamed } from "../../../shared/dialects/v2/standard-keys.ts";
import { type ComponentVariable, sameVariable } from "../../../shared/dialects/v2/variable-key.ts";
import { Problem } from "../../../shared/problems.ts";
import type { VariableLimits } from "../../../shared/store/items.ts";
import { newStation } from "../../support/stations.ts";

type Data = ComponentVariable & { attributeValue?: string };

interface Behaviour {
  /** How many items the station takes. */
  readonly takes: number;
  /** How it refuses more. */
  readonly refuses: "CALLERROR" | "TooManyElements" | "Rejected";
  /** The limits that it states. */
  readonly states?: Readonly<Record<string, string>>;
  /** Variables that it rejects, by name. */
  readonly rejects?: readonly string[];
  readonly known?: VariableLimits;
}

/** A session with a station that takes only so many items. */
function sessionWith({ takes, refuses, states = {}, rejects = [], known = {} }: Behaviour) {
  const calls: { action: string; data: Data[] }[] = [];
  let expected: number | undefined;
  const station = { ...newStation({ identity: "CP" }), ...known };
  const status = (data: Data): object => {
    const stated = states[`${data.variable.name}[${data.variable.instance}]`];
    if (data.component.name === "DeviceDataCtrlr")
      return stated
        ? { attributeStatus: "Accepted", attributeValue: stated }
        : { attributeStatus: "UnknownVariable" };
    if (rejects.includes(data.variable.name)) return { attributeStatus: "Rejected" };
    return { attributeStatus: "Accepted", attributeValue: data.variable.name };
  };
  const session = {
    station,
    protocol: "ocpp2.0.1",
    check: async () => {},
    expectCalls: async (count: number) => {
      expected = count;
    },
    call: async (action: string, payload: { getVariableData?: Data[]; setVariableData?: Data[] }) => {
      const data = payload.getVariableData ?? payload.setVariableData ?? [];
      calls.push({ action, data });
      const ocppMessageId = `m${calls.length}`;
      if (data.length > takes && refuses === "CALLERROR")
        throw new Problem("station-call-error", "", {
          errorCode: "OccurrenceConstraintViolation",
          ocppMessageId,
        });
      const info =
        refuses === "TooManyElements" ? { attributeStatusInfo: { reasonCode: "TooManyElements" } } : {};
      const results = data.map(({ component, variable, attributeValue }) => ({
        ...{ component, variable },
        ...(data.length > takes
          ? { attributeStatus: "Rejected", ...info }
          : status({ component, variable, attributeValue: attributeValue ?? "" })),
      }));
      const name = action === "GetVariables" ? "getVariableResult" : "setVariableResult";
      return { ocppMessageId, payload: { [name]: results.toReversed() }, sentBefore: false };
    },
  } as unknown as Session;
  return { session, calls, expected: () => expected };
}

const keys = (count: number) => Array.from({ length: count }, (_, n) => `Component.V${n}`);
const values = (count: number) => keys(count).map((key) => ({ key, value: "1" }));
const sizes = (calls: { data: Data[] }[]) => calls.map(({ data }) => data.length);

describe.each(["CALLERROR", "TooManyElements", "Rejected"] as const)(
  "a station that refuses too many items by %s",
  (refuses) => {
    it.each([1, 2, 3])("and takes %s is read and set completely", async (takes) => {
      for (const count of [2, 4, 9]) {
        const read = sessionWith({ takes, refuses });
        const { configurationKeys } = await getVariables(keys(count), read.session);
        expect(configurationKeys?.map(({ value }) => value)).toEqual(
          keys(count).map((key) => key.split(".")[1]),
        );
        if (read.expected() !== undefined) expect(read.expected()).toBeGreaterThanOrEqual(read.calls.length);

        const set = sessionWith({ takes, refuses });
        const { results } = await setVariables(values(count), set.session);
        expect(results.map(({ key, status }) => [key, status])).toEqual(
          keys(count).map((key) => [key, "Accepted"]),
        );
      }
    });

    it("is asked for its limit alone, and then sent groups of that size", async () => {
      const states = { "ItemsPerMessage[GetVariables]": "2", "ItemsPerMessage[SetVariables]": "2" };
      const { session, calls } = sessionWith({ takes: 2, refuses, states });
      await setVariables(values(6), session);

      expect(calls[0]?.data).toEqual([LIMIT_VARIABLES[0]]);
      expect(sizes(calls)).toEqual([1, 2, 1, 2, 2, 2]);
    });
  },
);

describe("a group that goes out in halves", () => {
  /** A station that takes two items; the n-th CALL, and with `forever` each later one, fails. */
  function failing(n: number, problem: Problem, forever = false) {
    const { session, calls } = sessionWith({
      takes: 2,
      refuses: "CALLERROR",
      known: { setVariablesItems: 4 },
    });
    const call = session.call.bind(session);
    let made = 0;
    session.call = async (action, payload) => {
      made += 1;
      if (made === n || (forever && made > n)) throw problem;
      return call(action, payload);
    };
    return { session, calls };
  }

  it.each(["station-timeout", "station-busy"] as const)(
    "at the deadline (%s) comes with the results of the parts that were set",
    async (slug) => {
      // the whole group is refused, V0 and V1 are set, V2 and V3 come too late
      const { session, calls } = failing(3, new Problem(slug, ""), true);
      const error = await setVariables(values(6), session).catch((error: unknown) => error);

      expect(error).toMatchObject({ slug: "station-timeout" });
      const { results } = (error as Problem).members as { results: { key: string; status: string }[] };
      expect(results.map(({ key, status }) => [key, status])).toEqual([
        ["Component.V0", "Accepted"],
        ["Component.V1", "Accepted"],
      ]);
      expect(calls).toHaveLength(2);
    },
  );

  it("goes on after a part that fails, which alone has the error", async () => {
    const callError = new Problem("station-call-error", "", { errorCode: "InternalError" });
    const { session } = failing(3, callError);
    const { results } = await setVariables(values(6), session);

    expect(results.map(({ key, status, error }) => [key, status ?? error?.errorCode])).toEqual([
      ["Component.V0", "Accepted"],
      ["Component.V1", "Accepted"],
      ["Component.V2", "InternalError"],
      ["Component.V3", "InternalError"],
      ["Component.V4", "Accepted"],
      ["Component.V5", "Accepted"],
    ]);
  });

  it("keeps what was set before the connection was lost", async () => {
    const { session } = failing(3, new Problem("station-not-connected", ""), true);
    const { results } = await setVariables(values(6), session);

    expect(results.map(({ status, error }) => status ?? error?.status)).toEqual([
      ...["Accepted", "Accepted"],
      ...[409, 409, 409, 409],
    ]);
  });
});

describe("variables that a station rejects", () => {
  it("have the station's status, and no value", async () => {
    const { session } = sessionWith({ takes: 10, refuses: "Rejected", rejects: ["V1"] });

    expect(await getVariables(keys(2), session)).toMatchObject({
      configurationKeys: [
        { key: "Component.V0", value: "V0" },
        { key: "Component.V1", status: "Rejected" },
      ],
      unknownKeys: [],
    });
  });

  it("are not sent in halves again and again where each is rejected by itself", async () => {
    const rejects = ["V0", "V1", "V2", "V3", "V4", "V5", "V6", "V7"];
    const known = { setVariablesItems: 4 };
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected", rejects, known });
    const { results } = await setVariables(values(8), session);

    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["Rejected"]));
    expect(calls.length).toBeLessThanOrEqual(2 + 8);
  });
});

describe("a variable that a request names twice", () => {
  it("is set by CALLs of their own, in order, each with its own status", async () => {
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected" });
    const changes = [
      { key: "Component.V0", value: "1" },
      { key: "Component.V1", value: "2" },
      { key: "component.v0", value: "3" },
    ];
    const { results } = await setVariables(changes, session);

    expect(calls.map(({ data }) => data.map(({ attributeValue }) => attributeValue))).toEqual([
      ["1", "2"],
      ["3"],
    ]);
    expect(results.map(({ ocppMessageId }) => ocppMessageId)).toEqual(["m1", "m1", "m2"]);
  });

  it("is read once, for each of its names", async () => {
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected" });
    const { configurationKeys } = await getVariables(["Component.V0", "COMPONENT.V0"], session);

    expect(configurationKeys?.map(({ key }) => key)).toEqual(["Component.V0", "COMPONENT.V0"]);
    expect(sizes(calls)).toEqual([1]);
  });

  it("is in no CALL twice, whatever is asked for", async () => {
    const { session, calls } = sessionWith({ takes: 3, refuses: "CALLERROR" });
    await setVariables([...values(5), ...values(5), ...values(1)], session);

    for (const { data } of calls) expect(new Set(data.map(sameVariable)).size).toBe(data.length);
  });
});

describe("a standard key of OCPP 1.6", () => {
  const twoNames = ["HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval"];

  it("reads the variable of 2.x once, and the answer has each requested name", async () => {
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected" });
    const { configurationKeys } = await getVariables([...twoNames, "resetretries"], session);

    expect(calls.map(({ data }) => data)).toEqual([
      [
        { component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" } },
        { component: { name: "OCPPCommCtrlr" }, variable: { name: "ResetRetries" } },
      ],
    ]);
    expect(configurationKeys?.map(({ key, value }) => [key, value])).toEqual([
      ["HeartbeatInterval", "HeartbeatInterval"],
      ["OCPPCommCtrlr.HeartbeatInterval", "HeartbeatInterval"],
      ["resetretries", "ResetRetries"],
    ]);
  });

  it("and the variable's own key in one change are sent in two CALLs, in order", async () => {
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected" });
    const changes = twoNames.map((key, n) => ({ key, value: String(n) }));
    const { results } = await setVariables(changes, session);

    expect(calls.map(({ data }) => data.map(({ attributeValue }) => attributeValue))).toEqual([["0"], ["1"]]);
    expect(results).toEqual([
      { key: "HeartbeatInterval", ocppMessageId: "m1", status: "Accepted" },
      { key: "OCPPCommCtrlr.HeartbeatInterval", ocppMessageId: "m2", status: "Accepted" },
    ]);
  });

  it("of an instance names the instance, and an unknown name is refused before a CALL", async () => {
    const { session, calls } = sessionWith({ takes: 10, refuses: "Rejected" });
    await setVariables([{ key: "TransactionMessageAttempts", value: "5" }], session);
    const unknown = getVariables(["GetConfigurationMaxKeys"], session);

    await expect(unknown).rejects.toMatchObject({ slug: "invalid-request" });
    expect(calls.flatMap(({ data }) => data.map(({ variable }) => variable))).toEqual([
      { name: "MessageAttempts", instance: "TransactionEvent" },
    ]);
  });

  it("is a variable that the simulated station has", () => {
    const model = new DeviceModel(1, {});
    const statuses = Object.keys(standardKeys).map((key) => {
      const { getVariableResult } = model.getVariables([variableNamed(key)]);
      return [key, (getVariableResult as { attributeStatus: string }[])[0]?.attributeStatus];
    });

    // write-only
    expect(statuses.filter(([, status]) => status !== "Accepted")).toEqual([
      ["AuthorizationKey", "Rejected"],
    ]);
  });
});
