import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callError, type StationOptions } from "../../local/stations/station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

let relay: RelayUnderTest;
let count = 0;

const rate = {
  currency: "EUR",
  priceText: "0.45 €/kWh",
  priceTextOffline: "Charging costs 0.45 €/kWh",
  translations: { de: "0,45 €/kWh" },
  chargingPrice: { kWhPrice: 0.45, hourPrice: 1.2 },
};

beforeAll(async () => {
  relay = await startRelay();
  await relay.call("PUT", "/rates/day", { body: rate });
});
afterAll(() => relay.stop());

const name = () => `rated-${++count}`;
const display = (station: string, what: "sync-rate" | "disable", headers: Record<string, string> = {}) =>
  relay.post(`/ocpp/v2/assets/${station}/rate-display/${what}`, undefined, { headers });

async function rated(options: Partial<StationOptions>, about: object = {}) {
  const identity = name();
  const station = await relay.station(identity, options, { rateId: "day", ...about });
  return { identity, station, told: () => station.calls.map(({ action, payload }) => [action, payload]) };
}

describe("a rate", () => {
  it("is created, replaced, read and deleted, in its network", async () => {
    const path = "/rates/night";
    const first = await relay.call("PUT", path, { body: rate });
    const second = await relay.call("PUT", path, { body: { currency: "CHF", priceText: "free" } });
    const read = await relay.get(path);
    const gone = await relay.call("DELETE", path);

    expect([first.status, second.status, read.status, gone.status]).toEqual([201, 200, 200, 204]);
    expect(first.body).toEqual({ rateId: "night", networkId: "default", ...rate });
    expect(read.body).toEqual({ rateId: "night", networkId: "default", currency: "CHF", priceText: "free" });
    expect((await relay.get(path)).status).toBe(404);
    expect((await relay.call("DELETE", path)).status).toBe(404);
  });

  it.each([
    [{ currency: "euro", priceText: "x" }, "/currency"],
    [{ currency: "EUR" }, ""],
    [{ currency: "EUR", priceText: "x", translations: { "no language": "x" } }, "/translations/no language"],
    [{ currency: "EUR", priceText: "x", chargingPrice: { kWhPrice: -1 } }, "/chargingPrice/kWhPrice"],
  ])("%j is 400", async (body, pointer) => {
    const response = await relay.call("PUT", "/rates/bad", { body });
    expect(response.status).toBe(400);
    expect(response.body.errors[0].pointer).toContain(pointer);
  });

  it("must be there to be assigned", async () => {
    const { identity } = await rated({});
    const patch = (rateId: string | null) =>
      relay.call("PATCH", `/stations/${identity}`, { body: { rateId } });
    expect((await patch("nowhere")).status).toBe(404);
    expect((await patch("day")).body.rateId).toBe("day");
    expect((await relay.post("/stations", { identity: name(), rateId: "nowhere" })).status).toBe(404);
    expect((await patch(null)).body).not.toHaveProperty("rateId");
    const { status, body } = await display(identity, "sync-rate");
    expect({ status, type: body.type.split("/").pop() }).toEqual({ status: 409, type: "no-rate-assigned" });
  });
});

describe("rate display in OCPP 1.6", () => {
  it("is synced by DefaultPrice and a text for each language, and switched off and on", async () => {
    const { identity, told } = await rated({});

    const synced = await display(identity, "sync-rate");
    expect(synced.headers.get("ratelimit")).toMatch(/^"parallel";r=\d$/);
    expect(synced.status).toBe(200);
    expect(synced.body).toEqual({
      status: "Accepted",
      timestamp: expect.any(String),
      data: {
        ocppMessageId: expect.any(String),
        rateId: "day",
        connection: { connectionId: expect.any(String), protocol: "ocpp1.6" },
      },
    });
    const { priceText, priceTextOffline, chargingPrice } = rate;
    expect(told()).toEqual([
      [
        "ChangeConfiguration",
        { key: "DefaultPrice", value: JSON.stringify({ priceText, priceTextOffline, chargingPrice }) },
      ],
      ["ChangeConfiguration", { key: "DefaultPriceText,de", value: '{"priceText":"0,45 €/kWh"}' }],
    ]);
    const { body } = await relay.get(`/stations/${identity}`);
    expect(body.rateDisplay).toEqual({ state: "shown", rateId: "day", at: synced.body.timestamp });

    const disabled = await display(identity, "disable");
    expect({ status: disabled.status, body: disabled.body }).toEqual({ status: 200, body: undefined });
    expect(told().at(-1)).toEqual([
      "ChangeConfiguration",
      { key: "CustomDisplayCostAndPrice", value: "false" },
    ]);
    expect((await relay.get(`/stations/${identity}`)).body.rateDisplay.state).toBe("disabled");

    await display(identity, "sync-rate");
    expect(told().at(-1)).toEqual([
      "ChangeConfiguration",
      { key: "CustomDisplayCostAndPrice", value: "true" },
    ]);
  });

  it("comes back with the station's refusal, and sends no more", async () => {
    const { identity, told } = await rated({
      handlers: { ChangeConfiguration: () => ({ status: "NotSupported" }) },
    });

    const { status, body } = await display(identity, "sync-rate");

    expect({ status, station: body.status }).toEqual({ status: 200, station: "NotSupported" });
    expect(told()).toHaveLength(1);
    expect((await relay.get(`/stations/${identity}`)).body).not.toHaveProperty("rateDisplay");
    const command = await relay.get(`/remote_commands/${body.data.ocppMessageId}`);
    expect(command.body.state).toBe("answered");
  });

  it("is disabled by an empty price where there is no switch", async () => {
    const { identity, told } = await rated({
      handlers: {
        ChangeConfiguration: ({ payload }) => ({
          status: payload.key === "CustomDisplayCostAndPrice" ? "NotSupported" : "Accepted",
        }),
      },
    });
    await display(identity, "sync-rate");

    const { status, body } = await display(identity, "disable");

    expect({ status, body }).toEqual({ status: 200, body: undefined });
    expect(told().at(-1)).toEqual(["ChangeConfiguration", { key: "DefaultPrice", value: "" }]);
    expect((await relay.get(`/stations/${identity}`)).body.rateDisplay.state).toBe("disabled");
  });

  it.each([
    ["a status", "NotSupported", () => ({ status: "NotSupported" })],
    [
      "a CALLERROR",
      "NotImplemented",
      () => {
        throw callError("NotImplemented");
      },
    ],
  ])(
    "that a station refuses to disable by %s comes back, and it gets no price it never had",
    async (_, word, answer) => {
      const { identity, told } = await rated({ handlers: { ChangeConfiguration: answer } });

      const { status, body } = await display(identity, "disable");

      expect({ status, body }).toEqual({ status: 200, body: { status: word } });
      expect(told()).toEqual([["ChangeConfiguration", { key: "CustomDisplayCostAndPrice", value: "false" }]]);
      expect((await relay.get(`/stations/${identity}`)).body).not.toHaveProperty("rateDisplay");
    },
  );

  it("that a station goes on showing comes back with the refusal of the empty price", async () => {
    const { identity } = await rated({
      handlers: {
        ChangeConfiguration: ({ payload }) => {
          if (payload.key === "CustomDisplayCostAndPrice") throw callError("NotSupported");
          return { status: payload.value === "" ? "Rejected" : "Accepted" };
        },
      },
    });
    await display(identity, "sync-rate");

    expect((await display(identity, "disable")).body).toEqual({ status: "Rejected" });
    expect((await relay.get(`/stations/${identity}`)).body.rateDisplay.state).toBe("shown");
  });

  it("refuses a rate that is longer than the station takes, and sends nothing", async () => {
    await relay.call("PUT", "/rates/long", { body: { ...rate, priceText: "x".repeat(499) } });
    const { identity, told } = await rated({}, { rateId: "long" });

    const { status, body } = await display(identity, "sync-rate");

    expect(status).toBe(422);
    expect(body.errors[0].detail).toMatch(/DefaultPrice has 6\d\d characters .* 500\./);
    expect(told()).toEqual([]);
  });

  it("is told once for each Idempotency-Key", async () => {
    const { identity, told } = await rated({});
    const headers = { "idempotency-key": identity };
    const first = await display(identity, "sync-rate", headers);
    const again = await display(identity, "sync-rate", headers);
    expect(again.body).toEqual(first.body);
    expect(told()).toHaveLength(2);
  });
});

const tariff = (name: string, attributeValue: string, instance?: string) => ({
  component: { name: "TariffCostCtrlr" },
  variable: { name, ...(instance && { instance }) },
  attributeValue,
});
const texts = [
  tariff("Enabled", "true", "Tariff"),
  tariff("TariffFallbackMessage", rate.priceText),
  tariff("Currency", "EUR"),
  tariff("TariffFallbackMessage", rate.translations.de, "de"),
];
const off = [tariff("Enabled", "false", "Tariff")];

describe("rate display in OCPP 2.0.1", () => {
  it("is synced and disabled by variables of TariffCostCtrlr", async () => {
    const { identity, told } = await rated({ protocol: "ocpp2.0.1" });

    const synced = await display(identity, "sync-rate");
    await display(identity, "disable");

    expect({ status: synced.status, station: synced.body.status }).toEqual({
      status: 200,
      station: "Accepted",
    });
    expect(told()).toEqual([
      ["SetVariables", { setVariableData: texts }],
      ["SetVariables", { setVariableData: off }],
    ]);
  });

  it("comes back with the refusal of a station without tariffs", async () => {
    const { identity } = await rated({
      protocol: "ocpp2.0.1",
      handlers: {
        SetVariables: ({ payload }) => ({
          setVariableResult: (payload.setVariableData as object[]).map((data) => {
            const { attributeValue: _, ...about } = data as { attributeValue: string };
            return { ...about, attributeStatus: "UnknownComponent" };
          }),
        }),
      },
    });

    const { status, body } = await display(identity, "sync-rate");
    const disabled = await display(identity, "disable");

    expect({ status, station: body.status }).toEqual({ status: 200, station: "UnknownComponent" });
    expect(disabled.body).toEqual({ status: "UnknownComponent" });
  });
});

describe("rate display in OCPP 2.1", () => {
  it("is synced by a default tariff, and disabled by clearing it", async () => {
    const { identity, told } = await rated({ protocol: "ocpp2.1" });

    const synced = await display(identity, "sync-rate");
    await display(identity, "disable");

    expect(synced.body.status).toBe("Accepted");
    expect(told()).toEqual([
      [
        "SetDefaultTariff",
        {
          evseId: 0,
          tariff: {
            tariffId: "day",
            currency: "EUR",
            description: [
              { format: "UTF8", content: rate.priceText },
              { format: "UTF8", language: "de", content: rate.translations.de },
            ],
            energy: { prices: [{ priceKwh: 0.45 }] },
            chargingTime: { prices: [{ priceMinute: 0.02 }] },
          },
        },
      ],
      ["ClearTariffs", {}],
      ["SetVariables", { setVariableData: off }],
    ]);
  });

  it("falls back to variables where the station has no default tariffs", async () => {
    const none = () => {
      throw callError("NotImplemented");
    };
    const { identity, told } = await rated({
      protocol: "ocpp2.1",
      handlers: { SetDefaultTariff: none, ClearTariffs: none },
    });

    const { status, body } = await display(identity, "sync-rate");
    const disabled = await display(identity, "disable");

    expect({ status, station: body.status }).toEqual({ status: 200, station: "Accepted" });
    expect(disabled.status).toBe(200);
    expect(told().map(([action]) => action)).toEqual([
      "SetDefaultTariff",
      "SetVariables",
      "ClearTariffs",
      "SetVariables",
    ]);
  });

  it.each([
    ["Accepted", undefined],
    ["Rejected", { status: "Rejected" }],
    ["NoTariff", { status: "Rejected" }],
  ])("of a station without texts is disabled if its tariffs are cleared: %s", async (status, body) => {
    const { identity } = await rated({
      protocol: "ocpp2.1",
      handlers: {
        ClearTariffs: () => ({ clearTariffsResult: [{ status, tariffId: "day" }] }),
        SetVariables: ({ payload }) => ({
          setVariableResult: (payload.setVariableData as object[]).map((data) => {
            const { attributeValue: _, ...about } = data as { attributeValue: string };
            return { ...about, attributeStatus: "Rejected" };
          }),
        }),
      },
    });

    expect((await display(identity, "disable")).body).toEqual(body);
  });

  it("comes back with the station's refusal of the tariff", async () => {
    const { identity, told } = await rated({
      protocol: "ocpp2.1",
      handlers: { SetDefaultTariff: () => ({ status: "Rejected" }) },
    });
    expect((await display(identity, "sync-rate")).body.status).toBe("Rejected");
    expect(told()).toHaveLength(1);
  });
});

it("a legacy station is told, and not waited for", async () => {
  const { identity } = await rated({}, { link: "legacy" });
  const { status, body } = await display(identity, "sync-rate");
  expect(status).toBe(200);
  expect(body).not.toHaveProperty("status");
});
