// Five calls by the functions of orval (client: fetch).
import assert from "node:assert/strict";
import {
  createRemoteStartAttempt,
  getConfiguration,
  getStation,
  ProblemType,
  registerStation,
  reset,
} from "./orval-fetch.generated.ts";

const { TOKEN = "", IDENTITY = "", STATION = "" } = process.env;
const options = { headers: { Authorization: `Bearer ${TOKEN}` } };

const registered = await registerStation({ identity: IDENTITY }, options);
assert.equal(registered.status, 201);

const station = await getStation(IDENTITY, undefined, options);
assert.ok(station.status === 200 && !station.data.connection.connected);

const configuration = await getConfiguration(STATION, { keys: ["HeartbeatInterval"] }, undefined, options);
assert.ok(configuration.status === 200 && configuration.data.configurationKeys?.length === 1);

const attempt = await createRemoteStartAttempt({ cpId: IDENTITY, idTag: "0A1B2C3D" }, undefined, options);
assert.ok(attempt.status === 201 && attempt.data.state === "pending");

const refused = await reset(IDENTITY, { type: "Soft" }, undefined, options);
assert.ok(refused.status === 409);
const types: readonly string[] = Object.values(ProblemType);
assert.ok(types.includes(refused.data.type));
assert.match(refused.data.type, /station-not-connected$/);
