import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Payload } from "../../local/stations/station.ts";
import { cpIdOf } from "../../shared/ids.ts";
import type { Protocol } from "../../shared/ocpp/protocols.ts";
import type { BasicAuth, StationItem } from "../../shared/store/items.ts";
import { stationKey } from "../../shared/store/keys.ts";
import { connectRaw, type Frame, type RawStation, UpgradeRefused } from "../support/raw-station.ts";
import { type ApiCall, type RelayUnderTest, startRelay, until } from "../support/relay.ts";

let relay: RelayUnderTest;
let count = 0;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const name = () => `password-${++count}`;
const rotate = (identity: string, body: object = {}, options?: ApiCall) =>
  relay.post(`/stations/${identity}/password`, body, options);
const authOf = async (identity: string): Promise<BasicAuth> =>
  (await relay.table.get<StationItem>(stationKey(cpIdOf("default", identity))))?.auth as BasicAuth;

/** Whether the station endpoint lets a station in that shows this; the connection is not kept. */
async function isLetIn(
  identity: string,
  password: string | Buffer,
  protocols = ["ocpp1.6"],
): Promise<boolean> {
  const credentials = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password as string)]);
  const headers = { authorization: `Basic ${credentials.toString("base64")}` };
  try {
    const url = `${relay.local.stationUrl}/ocpp/${identity}`;
    await (await connectRaw(url, { protocols, headers })).close();
    return true;
  } catch (error) {
    if (error instanceof UpgradeRefused && error.status === 401) return false;
    throw error;
  }
}

const versions: readonly {
  readonly protocol: Protocol;
  readonly action: string;
  /** The password in a CALL. */
  sentIn(payload: Payload): string;
  /** What a station answers. */
  answer(status: string): Payload;
}[] = [
  {
    protocol: "ocpp1.6",
    action: "ChangeConfiguration",
    sentIn: ({ value }) => Buffer.from(value as string, "hex").toString(),
    answer: (status) => ({ status }),
  },
  ...(["ocpp2.0.1", "ocpp2.1"] as const).map((protocol) => ({
    protocol,
    action: "SetVariables",
    sentIn: ({ setVariableData }: Payload) =>
      (setVariableData as { attributeValue: string }[])[0]?.attributeValue as string,
    answer: (attributeStatus: string) => ({
      setVariableResult: [
        {
          attributeStatus,
          component: { name: "SecurityCtrlr" },
          variable: { name: "BasicAuthPassword" },
        },
      ],
    }),
  })),
];

describe.each(versions)(
  "a new password for a station of $protocol",
  ({ protocol, action, sentIn, answer }) => {
    const letIn = (identity: string, password: string) => isLetIn(identity, password, [protocol]);

    /** A station that answers on request of the test. */
    async function registered(): Promise<{ identity: string; old: string; station: RawStation }> {
      const identity = name();
      const old = await relay.register(identity);
      return { identity, old, station: await relay.connectRaw(identity, old, [protocol]) };
    }
    const passwordIn = ([, , , payload]: Frame) => sentIn(payload as Payload);

    it("is generated, sent, and the only one once the station has connected with it", async () => {
      const [identity, old] = [name(), "the-old-password"];
      const auth = { type: "basic", password: old };
      const station = await relay.station(identity, { protocol, password: old }, { auth });

      const { status, body, headers } = await rotate(identity);
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          commandId: expect.any(String),
          ocppMessageId: body.commandId,
          status: "Accepted",
          password: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
        },
      });
      expect(headers.get("cache-control")).toBe("no-store");
      expect(station.calls.map(({ action, payload }) => [action, sentIn(payload)])).toEqual([
        [action, body.password],
      ]);

      // the station connects again by itself
      await until(async () => (await authOf(identity)).pending === undefined);
      await until(() => station.connected);
      expect(await letIn(identity, old)).toBe(false);
      expect(await letIn(identity, body.password)).toBe(true);
    });

    it("is valid beside the old one until then", async () => {
      const { identity, old, station } = await registered();
      const answered = rotate(identity);
      const call = await station.next();
      // before its answer, and after it
      expect(await letIn(identity, old)).toBe(true);
      const again = await relay.connectRaw(identity, old, [protocol]);
      expect((await answered).body.type).toMatch(/connection-lost$/);

      const second = rotate(identity);
      const [, id] = await again.next();
      again.send([3, id, answer("RebootRequired")]);
      const { body } = await second;
      expect(body).toMatchObject({ status: "RebootRequired", password: expect.any(String) });
      expect(await letIn(identity, old)).toBe(true);
      // the first one's answer was lost, but the station may have taken it
      expect(await letIn(identity, passwordIn(call))).toBe(true);
      // what it has now is later than the old one
      expect(await letIn(identity, old)).toBe(false);
      expect(await letIn(identity, body.password)).toBe(true);
      expect(await letIn(identity, passwordIn(call))).toBe(false);
    });

    it("goes where the station refuses it", async () => {
      const { identity, old, station } = await registered();
      const answered = rotate(identity);
      const call = await station.next();
      station.send([3, call[1], answer("Rejected")]);

      const { status, body } = await answered;
      expect({ status, body }).toEqual({
        status: 200,
        body: { commandId: call[1], ocppMessageId: call[1], status: "Rejected" },
      });
      await until(async () => (await authOf(identity)).pending === undefined);
      expect(await letIn(identity, passwordIn(call))).toBe(false);
      expect(await letIn(identity, old)).toBe(true);
    });

    it("is known by an answer that comes late", async () => {
      const { identity, old, station } = await registered();
      const timely = { headers: { prefer: "wait=1" } };
      const [accepted, refused] = ["a-password-for-late", "another-password-ab"];

      const first = rotate(identity, { password: accepted }, timely);
      const firstCall = await station.next();
      expect((await first).body).toMatchObject({ status: 504, ocppMessageId: firstCall[1] });
      expect((await authOf(identity)).pending).toHaveLength(1);
      station.send([3, firstCall[1], answer("Accepted")]);
      await until(async () => (await authOf(identity)).pending?.[0]?.accepted);

      const second = rotate(identity, { password: refused }, timely);
      const secondCall = await station.next();
      expect((await second).status).toBe(504);
      station.send([3, secondCall[1], answer("Rejected")]);
      await until(async () => (await authOf(identity)).pending?.length === 1);

      const { body } = await relay.get(`/remote_commands/${firstCall[1]}`);
      expect(body).toMatchObject({ command: "set_password", state: "answered", late: true });
      expect(await letIn(identity, refused)).toBe(false);
      expect(await letIn(identity, accepted)).toBe(true);
      expect(await letIn(identity, old)).toBe(false);
    });

    it("is safe to be given twice at once: the one that the station took last is valid", async () => {
      const { identity, old, station } = await registered();
      const both = [rotate(identity), rotate(identity)];
      const sent: string[] = [];
      for (const _ of both) {
        const call = await station.next();
        sent.push(passwordIn(call));
        station.send([3, call[1], answer("Accepted")]);
      }
      const shown = (await Promise.all(both)).map(({ body }) => body.password);
      expect([...sent].sort()).toEqual([...shown].sort());
      expect(station.unread).toEqual([]);

      expect(await letIn(identity, old)).toBe(true);
      expect(await letIn(identity, sent[1] as string)).toBe(true);
      for (const before of [old, sent[0] as string]) expect(await letIn(identity, before)).toBe(false);
      expect(await letIn(identity, sent[1] as string)).toBe(true);
    });

    it("is not valid where the station has no such thing, and may be after an error of its own", async () => {
      const { identity, station } = await registered();
      const errors = ["NotSupported", "InternalError"];
      const sent: string[] = [];
      for (const code of errors) {
        const answered = rotate(identity);
        const call = await station.next();
        sent.push(passwordIn(call));
        station.send([4, call[1], code, "", {}]);
        expect((await answered).body).toMatchObject({ status: 502, errorCode: code });
        const pending = code === "InternalError" ? 1 : 0;
        await until(async () => ((await authOf(identity)).pending?.length ?? 0) === pending);
      }
      expect(await letIn(identity, sent[0] as string)).toBe(false);
      expect(await letIn(identity, sent[1] as string)).toBe(true);
    });

    it("of the caller's choice is not told back", async () => {
      const { identity, station } = await registered();
      const answered = rotate(identity, { password: "of-my-own-choice" });
      const call = await station.next();
      expect(passwordIn(call)).toBe("of-my-own-choice");
      station.send([3, call[1], answer("Accepted")]);
      expect((await answered).body).not.toHaveProperty("password");
      expect(await letIn(identity, "of-my-own-choice")).toBe(true);
    });
  },
);

describe("a new password for a station of OCPP 1.6", () => {
  it.each([
    ["the digits that it was sent", (password: string) => Buffer.from(password).toString("hex")],
    ["those in capitals", (password: string) => Buffer.from(password).toString("hex").toUpperCase()],
    ["what they stand for", (password: string) => password],
  ])("is recognised whether it shows %s", async (_, shown) => {
    const identity = name();
    await relay.station(identity, { handlers: { ChangeConfiguration: () => ({ status: "Accepted" }) } });
    const { body } = await rotate(identity);
    expect(await isLetIn(identity, shown(body.password))).toBe(true);
    expect((await authOf(identity)).pending).toBeUndefined();
  });

  it("may be binary, in hexadecimal digits", async () => {
    const identity = name();
    const station = await relay.station(identity, {
      handlers: { ChangeConfiguration: () => ({ status: "Accepted" }) },
    });
    const key = "00ff80FE0102030405060708090a0b0c0d0e0f10";
    expect((await rotate(identity, { password: key })).body.status).toBe("Accepted");
    expect(station.calls[0]?.payload).toEqual({ key: "AuthorizationKey", value: key.toLowerCase() });
    expect(await isLetIn(identity, Buffer.from(key, "hex"))).toBe(true);
  });

  it("is refused where it is longer than the version allows, before anything is sent", async () => {
    const identity = name();
    const station = await relay.station(identity);
    const { status, body } = await rotate(identity, { password: "x".repeat(21) });
    expect({ status, pointer: body.errors[0].pointer }).toEqual({ status: 400, pointer: "/password" });
    expect(station.calls).toEqual([]);
    expect((await authOf(identity)).pending).toBeUndefined();
  });
});

describe("a new password", () => {
  it.each([
    ["too short", "fifteen-letters"],
    ["too long", "x".repeat(41)],
    ["with a space", "sixteen letters in"],
    ["with what OCPP does not allow", "sixteen-letters§"],
    ["of another type", 1234567890123456],
  ])("is refused %s", async (_, password) => {
    const { status, body } = await rotate("nobody", { password });
    expect({ status, pointer: body.errors[0].pointer }).toEqual({ status: 400, pointer: "/password" });
  });

  it("needs a station, one with Basic authentication, and its connection", async () => {
    const offline = name();
    await relay.register(offline);
    const [certificate, none] = [name(), name()];
    await relay.register(certificate, { auth: { type: "certificate" } });
    await relay.call("PUT", "/networks/open", {
      body: { clients: ["other"], allowUnauthenticatedStations: true },
    });
    const other = { token: await relay.otherToken() };
    await relay.register(none, { auth: { type: "none" }, networkId: "open" }, other);

    expect((await rotate("nobody")).status).toBe(404);
    expect((await rotate(offline)).body).toMatchObject({ status: 409, detail: expect.any(String) });
    for (const answer of [await rotate(certificate), await rotate(none, {}, other)])
      expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer: "" }] });
    expect((await authOf(offline)).pending).toBeUndefined();
  });

  it("is not left behind where the connection turns out to be gone", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const key = stationKey(cpIdOf("default", identity));
    // a connection that API Gateway has lost without a disconnect
    const gone = { connectionId: "gone=", protocol: "ocpp1.6", connectedAtMs: 0 };
    await relay.table.update({
      key,
      update: "SET #connection = :gone",
      names: { "#connection": "connection" },
      values: { ":gone": gone },
    });
    const { status } = await rotate(identity, { password: "never-sent-to-it" });
    expect(status).toBe(409);
    expect(await isLetIn(identity, "never-sent-to-it")).toBe(false);
    expect(await isLetIn(identity, station.password)).toBe(true);
  });

  it("of a legacy station is told at once, and the answer taken in when it comes", async () => {
    const identity = name();
    const station = await relay.rawStation(identity, { link: "legacy" });
    const { status, body } = await rotate(identity);
    expect({ status, body }).toEqual({
      status: 200,
      body: { commandId: expect.any(String), ocppMessageId: body.commandId, password: expect.any(String) },
    });
    const call = await station.next();
    station.send([3, call[1], { status: "Rejected" }]);
    await until(async () => (await authOf(identity)).pending === undefined);
    expect(await isLetIn(identity, body.password)).toBe(false);
  });

  it("waits for the answer, whatever is preferred", async () => {
    const identity = name();
    await relay.station(identity);
    const { status, body } = await rotate(identity, {}, { headers: { prefer: "respond-async" } });
    expect({ status, told: body.status }).toEqual({ status: 200, told: "Accepted" });
  });

  it("is not sent where too many are open on one connection", async () => {
    const identity = name();
    const station = await relay.rawStation(identity);
    const passwords = Array.from({ length: 6 }, (_, n) => `a-password-of-mine-${n}`);
    for (const password of passwords.slice(0, 5)) {
      const answered = rotate(identity, { password });
      const [, id] = await station.next();
      station.send([4, id, "InternalError", "", {}]);
      expect((await answered).status).toBe(502);
    }
    const refused = await rotate(identity, { password: passwords[5] });
    expect(refused.body).toMatchObject({ status: 503, type: expect.stringMatching(/station-busy$/) });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(station.unread).toEqual([]);

    // the next connection shows that the station has accepted none of them so far
    const again = await relay.connectRaw(identity, station.password);
    const answered = rotate(identity, { password: passwords[5] });
    const [, id] = await again.next();
    again.send([3, id, { status: "Accepted" }]);
    expect((await answered).status).toBe(200);
    expect((await authOf(identity)).pending).toHaveLength(5);
    expect(await isLetIn(identity, passwords[0] as string)).toBe(false);
    expect(await isLetIn(identity, passwords[5] as string)).toBe(true);
    expect((await authOf(identity)).pending).toBeUndefined();
  });
});

describe("a repeated request with an Idempotency-Key", () => {
  it("gets the outcome without the generated password, and sends nothing", async () => {
    const identity = name();
    const station = await relay.station(identity, {
      handlers: { ChangeConfiguration: () => ({ status: "Accepted" }) },
    });
    const options = { headers: { "idempotency-key": name() } };
    const first = await rotate(identity, {}, options);
    const again = await rotate(identity, {}, options);
    const { password, ...rest } = first.body;
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: rest });
    expect(station.calls).toHaveLength(1);
    expect((await rotate(identity, { password: "another-password-ab" }, options)).status).toBe(422);
    expect(await isLetIn(identity, password)).toBe(true);
  });

  it("beside the first one sends none of its own, and the first one's caller has the password", async () => {
    const identity = name();
    const old = await relay.register(identity);
    const station = await relay.connectRaw(identity, old);
    const options = { headers: { "idempotency-key": name() } };
    const requests = Array.from({ length: 5 }, () => rotate(identity, {}, options));
    const call = await station.next();
    const sent = Buffer.from((call[3] as { value: string }).value, "hex").toString();
    station.send([3, call[1], { status: "Accepted" }]);
    const answers = await Promise.all(requests);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.flatMap(({ body }) => body.password ?? [])).toEqual([sent]);
    expect(station.unread).toEqual([]);
    await until(async () => (await authOf(identity)).pending?.length === 1);
    expect(await isLetIn(identity, sent)).toBe(true);
  });

  it("is refused alike where the first was", async () => {
    const identity = name();
    const old = await relay.register(identity);
    const options = { headers: { "idempotency-key": name() } };
    const refused = await rotate(identity, { password: "of-my-own-choice" }, options);
    await relay.connectRaw(identity, old);
    const again = await rotate(identity, { password: "of-my-own-choice" }, options);
    expect([refused.status, again.status]).toEqual([409, 409]);
  });
});

describe("a password that another command changes", () => {
  const NEW = "a-new-password-16";
  const hex = Buffer.from(NEW).toString("hex");
  const variable = (component: string, name: string, attributeValue: string) => ({
    component: { name: component },
    variable: { name },
    attributeValue,
  });
  const raw = (assetId: string, action: string, payload: object, async: boolean) =>
    relay.post("/ocpp/v2/raw-request", { assetId, action, payload, async });
  const change = (...configurations: { key: string; value: string }[]) => ({ configurations });
  const accepted16 = () => ({ status: "Accepted" });
  const accepted2 = ({ setVariableData }: Payload) => ({
    setVariableResult: (setVariableData as Payload[]).map(({ attributeValue: _, ...data }: Payload) => ({
      ...data,
      attributeStatus: "Accepted",
    })),
  });

  it.each<[string, Protocol, (cpId: string) => Promise<unknown>, (payload: Payload) => object]>([
    [
      "change_configurations",
      "ocpp1.6",
      (cpId) => relay.command(cpId, "change_configurations", change({ key: "authorizationKEY", value: hex })),
      accepted16,
    ],
    [
      "change_configurations of several variables",
      "ocpp2.0.1",
      (cpId) =>
        relay.command(
          cpId,
          "change_configurations",
          change(
            { key: "OCPPCommCtrlr.HeartbeatInterval", value: "60" },
            { key: "securityctrlr.BASICAUTHPASSWORD", value: NEW },
          ),
        ),
      accepted2,
    ],
    [
      "a raw request",
      "ocpp1.6",
      (cpId) => raw(cpId, "ChangeConfiguration", { key: "AuthorizationKey", value: hex }, false),
      accepted16,
    ],
    [
      "a raw request that is not waited for",
      "ocpp2.0.1",
      (cpId) =>
        raw(
          cpId,
          "SetVariables",
          { setVariableData: [variable("SecurityCtrlr", "BasicAuthPassword", NEW)] },
          true,
        ),
      accepted2,
    ],
    [
      "a network profile",
      "ocpp2.1",
      (cpId) =>
        raw(
          cpId,
          "SetNetworkProfile",
          {
            configurationSlot: 1,
            connectionData: {
              ...{ ocppInterface: "Wired0", ocppTransport: "JSON", messageTimeout: 30 },
              ...{ ocppCsmsUrl: "wss://localhost/ocpp", securityProfile: 1, basicAuthPassword: NEW },
            },
          },
          false,
        ),
      accepted16,
    ],
  ])("by %s (%s) is valid beside the old one until the station connects with it", async (...row) => {
    const [, protocol, send, answer] = row;
    const identity = name();
    const old = await relay.register(identity);
    const station = await relay.connectRaw(identity, old, [protocol]);
    const sent = send(identity);
    const [, messageId, , payload] = await station.next();
    station.send([3, messageId, answer(payload as Payload)]);
    await sent;
    await until(async () => (await authOf(identity)).pending?.[0]?.accepted !== undefined);

    expect(await isLetIn(identity, old, [protocol])).toBe(true);
    expect(await isLetIn(identity, NEW, [protocol])).toBe(true);
    expect(await isLetIn(identity, old, [protocol])).toBe(false);
  });

  it("is not valid where the station refuses it among other variables that it takes", async () => {
    const identity = name();
    const station = await relay.connectRaw(identity, await relay.register(identity), ["ocpp2.0.1"]);
    const configurations = [
      { key: "SecurityCtrlr.BasicAuthPassword", value: NEW },
      { key: "OCPPCommCtrlr.HeartbeatInterval", value: "60" },
    ];
    const sent = relay.command(identity, "change_configurations", { configurations });
    const [, messageId, , { setVariableData }] = (await station.next()) as [
      number,
      string,
      string,
      { setVariableData: Payload[] },
    ];
    const setVariableResult = setVariableData.map(({ attributeValue: _, ...data }, n) => ({
      ...data,
      attributeStatus: n === 0 ? "Rejected" : "Accepted",
    }));
    station.send([3, messageId, { setVariableResult: setVariableResult.toReversed() }]);
    await sent;
    await until(async () => (await authOf(identity)).pending === undefined);

    expect(await isLetIn(identity, NEW, ["ocpp2.0.1"])).toBe(false);
  });
});
