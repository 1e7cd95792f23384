import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectStation, type Station } from "../../local/stations/station.ts";
import { getLogBody } from "../../shared/commands/get-log/route.ts";
import { commandRoutes } from "../../shared/commands/routes.ts";
import { updateFirmwareBody } from "../../shared/commands/update-firmware/route.ts";
import examples from "../../shared/http/openapi/examples.json" with { type: "json" };
import { routes } from "../../shared/http/routes.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { fixedExamples } from "../support/fixed-examples.ts";
import { type ApiAnswer, type ApiCall, type RelayUnderTest, startRelay, until } from "../support/relay.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

/**
 * The examples of the OpenAPI document are requests to the relay and its responses, with fixed ids and times.
 * `UPDATE_EXAMPLES=1 npx vitest run test/e2e/examples.e2e.test.ts` records them anew.
 */

let relay: RelayUnderTest;
let station: Station;
const recorded: Record<string, Record<string, unknown>> = {};

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await station.close();
  await relay.stop();
});

/** Calls an operation and keeps what it answers. */
async function record(operationId: string, params: Record<string, string> = {}, options: ApiCall = {}) {
  const route = routes.find((candidate) => candidate.operationId === operationId);
  if (!route) throw new Error(`there is no operation ${operationId}`);
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const isList = "query" in route && route.query && "limit" in route.query;
  const answer = await relay.call(route.method, isList ? `${path}?limit=2` : path, options);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  recorded[operationId] = {
    ...(options.body !== undefined && { request: options.body }),
    ...recorded[operationId],
    ...(answer.body && { [answer.status]: answer.body }),
  };
  return answer;
}

/** What the examples have in place of a receiver on this machine. */
const RECEIVER = "https://events.example.com/ocpp";

/** Calls the operations of webhooks, with a receiver that fails at first. */
async function recordWebhooks(): Promise<void> {
  const receiver = await startReceiver();
  receiver.answer = () => (receiver.received.length > 1 ? 204 : 503);
  const webhook = { webhookId: "billing" };
  const body = { url: receiver.url, events: ["command.completed", "transaction.ended"] };
  const answers = [await record("putWebhook", webhook, { body })];
  Object.assign(answers[0]?.body, { secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" });
  answers.push(await record("putWebhook", webhook, { body }), await record("getWebhook", webhook));
  answers.push({ ...(await record("listWebhooks")).body.items.map((one: object) => ({ body: one }))[0] });
  const { deliveryId } = (await record("testWebhook", webhook)).body;
  const about = { ...webhook, deliveryId };
  const inState = (state: string) =>
    until(async () => (await relay.get(`/webhooks/billing/deliveries?state=${state}`)).body.items[0]);
  await inState("failed");
  await record("redeliver", about);
  await inState("delivered");
  await record("getDelivery", about);
  await record("listDeliveries", webhook);
  for (const each of [body, ...answers.map((answer) => answer.body)]) each.url = RECEIVER;
  await relay.call("DELETE", "/webhooks/billing");
  await receiver.close();
}

const settled = (location: string | null): Promise<ApiAnswer> =>
  until(async () => {
    const answer = await relay.get(location as string);
    return !["queued", "sent", "Pending"].includes(answer.body.state ?? answer.body.status) && answer;
  });

const reaches = (location: string | null, status: string): Promise<unknown> =>
  until(async () => (await relay.get(location as string)).body.status === status);

/** Does what makes the station connect again, and waits until it has. */
async function reconnected(work: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  const connectionOf = async () => (await relay.get("/stations/CP001")).body.connection.connectionId;
  const before = await connectionOf();
  const answer = await work();
  await until(async () => ![undefined, before].includes(await connectionOf()));
  return answer;
}

/** What OCPP 1.6 has not; the other commands are recorded with a station of 1.6. */
const onlyOfV2: ReadonlySet<string> = new Set([
  "setDisplayMessage",
  "getDisplayMessages",
  "clearDisplayMessage",
  "getChargingProfiles",
]);

describe("the examples of the OpenAPI document", () => {
  it("are of the operations that there are, and can be had", async () => {
    const cpId = cpIdOf("default", "CP001");
    const connectorUuid = connectorUuidOf(cpId, 1, 1);
    const about = { cpId, assetId: cpId, connectorUuid, cpConnectorUuid: connectorUuid };
    const later = { headers: { prefer: "respond-async" } };

    const network = { networkId: "acme" };
    await record("putNetwork", network, { body: { name: "Acme", clients: ["acme-client"] } });
    await record("putNetwork", network, { body: { name: "Acme", clients: ["acme-client"] } });
    await record("getNetwork", network);
    await record("patchNetwork", network, { body: { addClients: ["acme-2"] } });
    await record("listNetworks");

    const rate = {
      currency: "EUR",
      priceText: "0.45 €/kWh",
      translations: { de: "0,45 €/kWh" },
      chargingPrice: { kWhPrice: 0.45 },
    };
    await record("putRate", { rateId: "day" }, { body: rate });
    await record("putRate", { rateId: "day" }, { body: rate });
    await record("getRate", { rateId: "day" });
    await record("listRates");

    const token = { status: "Accepted", expiresAt: "2030-01-01T00:00:00Z", groupId: "FLEET-7" };
    await record("putToken", { idTag: "0A1B2C3D" }, { body: token });
    await record("putToken", { idTag: "0A1B2C3D" }, { body: token });
    await record("getToken", { idTag: "0A1B2C3D" });
    const tokens = [
      { idTag: "0A1B2C3D", status: "Accepted", groupId: "FLEET-7" },
      { idTag: "4E5F6071", status: "Blocked" },
    ];
    await record("importTokens", {}, { body: { tokens } });
    await record("listTokens");

    await recordWebhooks();

    const { body } = await record(
      "registerStation",
      {},
      {
        body: { identity: "CP001", connectors: [{ connectorId: 1 }], rateId: "day" },
      },
    );
    station = await connectStation({
      url: `${relay.local.stationUrl}/ocpp`,
      identity: "CP001",
      password: body.password,
      stepMs: 10,
    });
    body.password = "shown-this-once";
    await until(async () => (await relay.get("/stations/CP001")).body.boot);
    const stations = [
      { identity: "CP010", tags: ["depot-7"] },
      { identity: "CP011", rateId: "night" },
    ];
    const imported = await record("importStations", {}, { body: { stations } });
    imported.body.results[0].password = "shown-this-once";

    const keys = { keys: ["HeartbeatInterval", "NoSuchKey"] };
    const changes = { configurations: [{ key: "HeartbeatInterval", value: "300" }] };
    await record("getConfiguration", about, { body: keys });
    await settled(
      (await record("getConfiguration", about, { ...later, body: keys })).headers.get("location"),
    );
    await record("changeConfigurations", about, { body: changes });
    await settled(
      (await record("changeConfigurations", about, { ...later, body: changes })).headers.get("location"),
    );
    await record("unlockConnector", about);
    await settled((await record("unlockConnector", about, later)).headers.get("location"));

    const v2 = await relay.station("CP201", { protocol: "ocpp2.0.1" });
    for (const { operationId, ...route } of commandRoutes) {
      if (operationId in recorded || operationId === "reset") continue;
      const [body] = (route as { body?: { examples?: readonly object[] } }).body?.examples ?? [];
      const options = body && { body };
      const params = onlyOfV2.has(operationId) ? { ...about, cpId: cpIdOf("default", "CP201") } : about;
      await record(operationId, params, options);
      const later = await record(operationId, params, { ...options, headers: { prefer: "respond-async" } });
      await settled(later.headers.get("location"));
    }
    await v2.close();
    await relay.command("CP001", "change_availability", { type: "Operative", connector: "1" });

    const cleared = await record("clearCache", about);
    await settled(cleared.headers.get("location"));
    await record("getClearCache", { ...about, referenceId: cleared.body.referenceId });
    await record("getCommand", { commandId: cleared.body.referenceId });

    const upload = await record("getLog", about, { body: getLogBody.examples[0] });
    await reaches(upload.headers.get("location"), "Uploaded");
    await record("getGetLog", { ...about, referenceId: upload.body.referenceId });
    const update = await record("updateFirmware", about, { body: updateFirmwareBody.examples[0] });
    // the station has booted with the new firmware by then
    await reaches(update.headers.get("location"), "Installed");
    await record("getUpdateFirmware", { ...about, referenceId: update.body.referenceId });

    const start = { cpId: "CP001", connectorUuid, idTag: "0A1B2C3D", stopMinutes: 90 };
    const attempt = await record("createRemoteStartAttempt", {}, { body: start });
    const attemptId = attempt.body.id as string;
    await until(
      async () => (await relay.get(attempt.headers.get("location") as string)).body.state === "started",
    );
    const stopped = await record("remoteStop", {}, { body: { remoteStartAttemptId: attemptId } });
    await settled(stopped.headers.get("location"));
    await record("getRemoteStop", { referenceId: stopped.body.referenceId });
    await until(
      async () => (await relay.get(attempt.headers.get("location") as string)).body.state === "stopped",
    );
    await record("getRemoteStartAttempt", { attemptId });
    await relay.register("CP002");
    const pending = await relay.post("/remote_commands/asynchronous/remote_start_attempt", {
      cpId: "CP002",
      idTag: "0A1B2C3D",
    });
    await record("cancelRemoteStartAttempt", { attemptId: pending.body.id });

    await record(
      "sendRawRequest",
      {},
      {
        body: {
          action: "TriggerMessage",
          assetId: "CP001",
          payload: { requestedMessage: "Heartbeat" },
          async: false,
        },
      },
    );
    await record("syncRate", about);
    await relay.station("CP003", { handlers: { ChangeConfiguration: () => ({ status: "NotSupported" }) } });
    await record("disableRate", { assetId: cpIdOf("default", "CP003") });
    const labels = { name: "Town hall, left", tags: ["depot-7"] };
    await record("updateStation", about, { body: { lock: "none", ...labels } });
    await record("updateConnector", about, { body: { lock: "permanent" } });
    await record("getStation", about);
    await record("listStations");
    await record("getStoredConfiguration", about);
    const { body: charges } = await record("listTransactions", about);
    await record("searchTransactions");
    await record("getTransaction", { id: charges.items[0].id });
    const bulk = {
      command: "change_configurations",
      input: changes,
      stations: { ids: ["CP001", "CP002", "CP999"] },
      stopAfterFailures: 20,
    };
    const { bulkId } = (await record("createBulkCommand", {}, { body: bulk })).body;
    await until(async () => (await relay.get(`/remote_commands/bulk/${bulkId}`)).body.completedAt);
    await record("getBulkCommand", { bulkId });
    await record("listBulkResults", { bulkId });
    await record("retryBulkCommand", { bulkId });
    await record("cancelBulkCommand", { bulkId });
    await record("listBulkCommands");
    await record("listCommands");
    await record("listRemoteStartAttempts");
    await record("searchCommunicationLog");
    const log = await record("listCommunicationLog", about);
    await record("getLogEntry", { ...about, entryId: log.body.items[0].entryId });

    const changed = await reconnected(() => record("setPassword", about, { body: {} }));
    changed.body.password = "shown-this-once";
    await reconnected(() => record("reset", about, { body: { type: "Soft" } }));
    await record("reset", about, { ...later, body: { type: "Soft" } });

    const withBody = routes.filter(
      (route) => !("204" in route.responses) && route.operationId !== "getOpenApi",
    );
    expect(Object.keys(recorded).sort()).toEqual(withBody.map(({ operationId }) => operationId).sort());

    if (process.env.UPDATE_EXAMPLES) {
      const file = new URL("../../shared/http/openapi/examples.json", import.meta.url);
      await writeFile(file, JSON.stringify(fixedExamples(recorded)));
      execFileSync("npx", ["biome", "format", "--write", fileURLToPath(file)]);
    } else {
      const statuses = (some: Record<string, object>) =>
        Object.entries(some).map(([operation, answers]) => `${operation} ${Object.keys(answers)}`);
      expect(statuses(recorded as never).sort()).toEqual(statuses(examples).sort());
    }
  });
});
