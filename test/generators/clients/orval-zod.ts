// Five calls whose requests and responses are checked by the schemas of orval (client: zod).
import assert from "node:assert/strict";
import * as schemas from "./orval-zod.generated.ts";

const { API_URL = "", TOKEN = "", IDENTITY = "", STATION = "" } = process.env;

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  return await fetch(API_URL + path, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const registration = schemas.RegisterStationBody.parse({ identity: IDENTITY });
assert.equal((await call("POST", "/stations", registration)).status, 201);

const station = schemas.GetStationResponse.parse(await (await call("GET", `/stations/${IDENTITY}`)).json());
assert.equal(station.connection.connected, false);

const keys = schemas.GetConfigurationBody.parse({ keys: ["HeartbeatInterval"] });
const read = await call("POST", `/remote_commands/synchronous/${STATION}/get_configuration`, keys);
const configuration = schemas.GetConfigurationResponse.parse(await read.json());
assert.ok(configuration);

const start = schemas.CreateRemoteStartAttemptBody.parse({ cpId: IDENTITY, idTag: "0A1B2C3D" });
const created = await call("POST", "/remote_commands/asynchronous/remote_start_attempt", start);
const { id } = (await created.json()) as { id: string };

const found = await call("GET", `/remote_commands/asynchronous/remote_start_attempt/${id}`);
const attempt = schemas.GetRemoteStartAttemptResponse.parse(await found.json());
assert.equal(attempt.state, "pending");
