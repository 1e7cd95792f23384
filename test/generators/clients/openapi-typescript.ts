// Five calls by the types of openapi-typescript: copied beside the generated file, then compiled and run.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi-typescript.generated.ts";

const { API_URL = "", TOKEN = "", IDENTITY = "", STATION = "" } = process.env;
const relay = createClient<paths>({ baseUrl: API_URL, headers: { Authorization: `Bearer ${TOKEN}` } });

const registered = await relay.POST("/stations", { body: { identity: IDENTITY } });
assert.ok(registered.data?.password);

const station = await relay.GET("/stations/{cpId}", { params: { path: { cpId: IDENTITY } } });
assert.equal(station.data?.connection.connected, false);

const configuration = await relay.POST("/remote_commands/synchronous/{cpId}/get_configuration", {
  params: { path: { cpId: STATION } },
  body: { keys: ["HeartbeatInterval"] },
});
assert.equal(configuration.data && "configurationKeys" in configuration.data, true);

const attempt = await relay.POST("/remote_commands/asynchronous/remote_start_attempt", {
  body: { cpId: registered.data.cpId, idTag: "0A1B2C3D" },
});
const state: components["schemas"]["RemoteStartAttempt"]["state"] | undefined = attempt.data?.state;
assert.equal(state, "pending");

const refused = await relay.POST("/remote_commands/synchronous/{cpId}/reset", {
  params: { path: { cpId: IDENTITY } },
  body: { type: "Soft" },
});
const problem = refused.error as components["schemas"]["StationNotConnectedProblem"];
assert.equal(problem.type, "https://ocpp-relay.dev/problems/station-not-connected");
