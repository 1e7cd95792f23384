import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Protocol } from "../../shared/ocpp/protocols.ts";
import type { RawStation } from "../support/raw-station.ts";
import { type ApiAnswer, type RelayUnderTest, startRelay, until } from "../support/relay.ts";

/** Every secret that is sent here holds this text; nothing that is kept, logged or shown may. */
const SECRET = "Geheim-0815-xyzzy";

let relay: RelayUnderTest;
const logs: string[] = [];
const events: string[] = [];
const shown: ApiAnswer[] = [];

beforeAll(async () => {
  relay = await startRelay({ onLog: ({ text }) => logs.push(text) });
  relay.local.watchEvents((event) => events.push(JSON.stringify(event)));
});
afterAll(() => relay.stop());

const keep = async (answer: Promise<ApiAnswer>): Promise<ApiAnswer> => {
  const seen = await answer;
  shown.push(seen);
  return seen;
};

async function connect(identity: string, protocol: Protocol): Promise<RawStation> {
  await keep(
    relay.post("/stations", {
      identity,
      auth: { type: "basic", password: `${SECRET}-${identity}`.slice(0, 40) },
    }),
  );
  return relay.connectRaw(identity, `${SECRET}-${identity}`.slice(0, 40), [protocol]);
}

const location = `ftp://user:${SECRET}@files.example/upload`;
const accepted = { status: "Accepted" };
const soon = "2030-01-01T00:00:00Z";

type Exchange = readonly [action: string, payload: object, answer: object];

const setAnswer = {
  setVariableResult: [
    {
      attributeStatus: "Accepted",
      component: { name: "SecurityCtrlr" },
      variable: { name: "BasicAuthPassword" },
    },
  ],
};

const exchanges: Record<string, readonly Exchange[]> = {
  "ocpp1.6": [
    ["ChangeConfiguration", { key: "AuthorizationKey", value: SECRET }, accepted],
    ["ChangeConfiguration", { key: "WiFiPassword", value: SECRET }, accepted],
    [
      "GetConfiguration",
      { key: ["AuthorizationKey"] },
      { configurationKey: [{ key: "AuthorizationKey", readonly: false, value: SECRET }] },
    ],
    ["GetDiagnostics", { location }, { fileName: `${location}/x` }],
    ["UpdateFirmware", { location, retrieveDate: soon }, {}],
    ["GetLog", { logType: "SecurityLog", requestId: 1, log: { remoteLocation: location } }, accepted],
    [
      "SignedUpdateFirmware",
      {
        requestId: 1,
        firmware: { location, retrieveDateTime: soon, signingCertificate: "c", signature: "s" },
      },
      accepted,
    ],
  ],
  "ocpp2.0.1": [
    [
      "SetVariables",
      {
        setVariableData: [
          {
            attributeValue: SECRET,
            component: { name: "SecurityCtrlr" },
            variable: { name: "BasicAuthPassword" },
          },
        ],
      },
      setAnswer,
    ],
    [
      "GetVariables",
      {
        getVariableData: [{ component: { name: "SecurityCtrlr" }, variable: { name: "BasicAuthPassword" } }],
      },
      {
        getVariableResult: [
          {
            attributeStatus: "Accepted",
            attributeValue: SECRET,
            component: { name: "SecurityCtrlr" },
            variable: { name: "BasicAuthPassword" },
          },
        ],
      },
    ],
    [
      "SetNetworkProfile",
      {
        configurationSlot: 1,
        connectionData: {
          ocppVersion: "OCPP20",
          ocppTransport: "JSON",
          ocppCsmsUrl: `wss://user:${SECRET}@csms.example/`,
          messageTimeout: 30,
          securityProfile: 1,
          ocppInterface: "Wireless0",
          apn: { apn: "a", apnUserName: "u", apnPassword: SECRET, apnAuthentication: "CHAP" },
          vpn: { server: "s", user: "u", password: SECRET, key: SECRET, type: "IPSec" },
        },
      },
      accepted,
    ],
    ["GetLog", { logType: "SecurityLog", requestId: 1, log: { remoteLocation: location } }, accepted],
  ],
};
exchanges["ocpp2.1"] = exchanges["ocpp2.0.1"] as readonly Exchange[];

/** Answers in whose free text a station repeats what it was sent. */
const talkative: readonly ((id: string, sent: string) => unknown)[] = [
  (id, sent) => [4, id, "PropertyConstraintViolation", `value ${sent} too long`, {}],
  (id, sent) => [4, id, "InternalError", "", { reason: `no: ${sent}`, seen: [[sent]], [sent]: 1 }],
  (id, sent) => [4, id, sent, "", { customData: { vendorId: sent } }],
  (id, sent) => [
    3,
    id,
    { status: "Rejected", statusInfo: { reasonCode: sent, additionalInfo: `"${sent}"` } },
  ],
  (id, sent) => [3, id, { status: sent, data: sent, customData: { vendorId: sent, [sent]: [sent] } }],
  (id, sent) => [
    3,
    id,
    {
      setVariableResult: [
        {
          attributeStatus: "Rejected",
          attributeStatusInfo: { reasonCode: "InvalidValue", additionalInfo: `bad value ${sent}` },
          component: { name: "SecurityCtrlr" },
          variable: { name: "BasicAuthPassword", instance: sent },
        },
      ],
    },
  ],
  (id, sent) => [3, id, sent],
];

const inHex = (text: string): string => Buffer.from(text).toString("hex");

async function everythingKept(): Promise<string> {
  const client = new DynamoDBClient({
    endpoint: relay.local.endpoints.dynamodb,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { TableNames: [TableName] = [] } = await client.send(new ListTablesCommand({}));
  const pages: unknown[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName,
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    pages.push(page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (ExclusiveStartKey);
  client.destroy();
  return JSON.stringify(pages);
}

describe.each(Object.keys(exchanges) as Protocol[])("secrets of %s", (protocol) => {
  it("go out as they are, and are nowhere afterwards", async () => {
    const identity = `secret-${protocol.slice(4)}`;
    const station = await connect(identity, protocol);
    let n = 0;
    const send = async (request: object, reply: (messageId: string) => unknown) => {
      const headers = { "idempotency-key": `${identity}-${++n}` };
      const answer = keep(
        relay.post("/ocpp/v2/raw-request", { assetId: identity, async: false, ...request }, { headers }),
      );
      const call = await station.next();
      station.send(reply(call[1]));
      return { call, answer: await answer };
    };

    for (const [action, payload, result] of exchanges[protocol] as readonly Exchange[]) {
      const { call, answer } = await send({ action, payload }, (id) => [3, id, result]);
      expect(call[3]).toEqual(payload);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      await send({ action, payload }, (id) => [4, id, "InternalError", "no", { password: SECRET }]);
      await send({ action, payload, validate: false }, (id) => [3, id, { odd: [{ apiKey: SECRET }] }]);
      await keep(
        relay.post("/ocpp/v2/raw-request", {
          assetId: identity,
          action,
          payload: { ...payload, password: SECRET, x: 1 },
        }),
      );
    }
    const key = protocol === "ocpp1.6" ? "AuthorizationKey" : "SecurityCtrlr.BasicAuthPassword";
    const changed = keep(
      relay.command(identity, "change_configurations", { configurations: [{ key, value: SECRET }] }),
    );
    station.send([4, (await station.next())[1], "InternalError", "no", { secret: SECRET }]);
    await changed;
    // a new password, given and generated, taken and refused by an error that is silent about it
    const generated: string[] = [];
    for (const [body, type] of [
      [{ password: SECRET }, 3],
      [{}, 3],
      [{}, 4],
    ] as const) {
      const headers = { "idempotency-key": `${identity}-${JSON.stringify(body).length}-${type}` };
      const request = () => relay.post(`/stations/${identity}/password`, body, { headers });
      const answer = request();
      const [, id, , payload] = await station.next();
      const sent = JSON.stringify(payload);
      if (type === 3) station.send([3, id, protocol === "ocpp1.6" ? accepted : setAnswer]);
      else station.send([4, id, "InternalError", "", { password: sent }]);
      const { status, body: told } = await answer;
      expect(status).toBe(type === 3 ? 200 : 502);
      if (told.password) generated.push(told.password);
      else expect(type === 4 || "password" in body).toBe(true);
      await keep(request());
    }
    const everySecret = [SECRET, inHex(SECRET), ...generated, ...generated.map(inHex)];
    const holds = (text: string) =>
      everySecret.some((secret) => text.toLowerCase().includes(secret.toLowerCase()));
    // free text that repeats the secret, of each kind of command, waited for or not, in time or late
    const tellsAll = async (
      request: () => Promise<ApiAnswer>,
      { isWaitedFor = true, answers = talkative } = {},
    ) => {
      for (const answer of answers) {
        const response = keep(request());
        const [, id, , payload] = await station.next();
        const sent = JSON.stringify(payload).includes(SECRET) ? SECRET : inHex(SECRET);
        const words = isWaitedFor ? undefined : await response;
        station.send(answer(id, sent));
        const { body } = words ?? (await response);
        if (isWaitedFor) continue;
        const commandId = body.ocppMessageId ?? body.commandId ?? body.results[0].ocppMessageId;
        await until(async () => {
          const { body } = await relay.get(`/remote_commands/${commandId}`);
          return body.state !== "sent" && body.state !== "queued";
        });
      }
    };
    const [action, payload] = (exchanges[protocol] as readonly Exchange[])[0] as Exchange;
    const raw = { assetId: identity, action, payload };
    const configurations = [{ key, value: SECRET }];
    const sendRaw = (more: object) => () => relay.post("/ocpp/v2/raw-request", { ...raw, ...more });
    const change = (headers: Record<string, string> = {}) =>
      relay.command(identity, "change_configurations", { configurations }, { headers });
    await tellsAll(sendRaw({ async: false }));
    await tellsAll(sendRaw({ async: false, validate: false }));
    await tellsAll(
      sendRaw({
        async: false,
        validate: false,
        action: "TriggerMessage",
        payload: { customPassword: SECRET },
      }),
    );
    await tellsAll(sendRaw({}), { isWaitedFor: false });
    await tellsAll(() => change());
    await tellsAll(() => change({ prefer: "respond-async" }), { isWaitedFor: false });
    // no more than can be pending on one connection
    const answers = [0, 1, 5].map((n) => talkative[n] as (typeof talkative)[number]);
    await tellsAll(() => relay.post(`/stations/${identity}/password`, { password: SECRET }), { answers });
    for (const request of [
      () => relay.post("/ocpp/v2/raw-request", { ...raw, async: false }, { headers: { prefer: "wait=1" } }),
      () =>
        relay.post(`/stations/${identity}/password`, { password: SECRET }, { headers: { prefer: "wait=1" } }),
    ]) {
      const { status, body } = await keep(request());
      expect(status).toBe(504);
      const [, id, , payload] = await station.next();
      const sent = JSON.stringify(payload).includes(SECRET) ? SECRET : inHex(SECRET);
      station.send([4, id, "InternalError", `not ${sent}`, { sent }]);
      await until(async () => (await relay.get(`/remote_commands/${body.ocppMessageId}`)).body.late);
    }

    // a CALL of the station itself
    station.send([2, "own-1", "NoSuchAction", { password: SECRET }]);
    await station.next();
    station.send([2, "own-2", "BootNotification", { password: SECRET, chargePointModel: 7 }]);
    await station.next();
    station.send([3, "never-asked", { password: SECRET }]);
    station.send(`[2,"own-3","Heartbeat",{"authorizationKey":"${SECRET}"`);

    const { body: log } = await keep(relay.get(`/stations/${identity}/communication_log?limit=500`));
    for (const { entryId } of log.items.slice(0, 5))
      await keep(relay.get(`/stations/${identity}/communication_log/${entryId}`));
    for (const { commandId } of log.items)
      if (commandId) await keep(relay.get(`/remote_commands/${commandId}`));
    await keep(relay.get(`/stations/${identity}/configuration`));
    await keep(relay.get(`/stations/${identity}`));

    await station.close();
    await until(() =>
      events.some((event) => event.includes("station.disconnected") && event.includes(identity)),
    );
    expect(generated).toHaveLength(1);
    expect(events.filter(holds)).toEqual([]);
    // whose events lie in queues, those that fail for two weeks
    expect(relay.local.metrics().functions["background-command"]?.invocations ?? 0).toBe(0);
    expect(log.items.length).toBeGreaterThan(10);
    expect(logs.join("\n")).toContain('"operation"');
    expect(logs.filter(holds)).toEqual([]);
    expect(shown.filter(({ body }) => holds(JSON.stringify(body ?? "")))).toEqual([]);
    const kept = await everythingKept();
    expect(kept).toContain("***");
    for (const secret of everySecret) {
      const at = kept.toLowerCase().indexOf(secret.toLowerCase());
      expect(at === -1 ? "" : kept.slice(Math.max(0, at - 200), at + 50)).toBe("");
    }
  });
});
