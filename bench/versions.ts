/**
 * The same command to a station of each OCPP version, in turns within one run; the ratio to 1.6 is what counts.
 *
 *     node bench/versions.ts        half a minute; also at the end of npm run bench
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../infra/synth.ts";
import { startLocal } from "../local/relay.ts";
import { fetchToken, registerStation } from "../local/stations/registration.ts";
import { connectStation } from "../local/stations/station.ts";

const WARM_UP = 60;
const ROUNDS = 120;
const PASSWORD = "a-station-of-the-bench";

const versions = [
  { protocol: "ocpp1.6", key: "HeartbeatInterval" },
  { protocol: "ocpp2.0.1", key: "OCPPCommCtrlr.HeartbeatInterval" },
  { protocol: "ocpp2.1", key: "OCPPCommCtrlr.HeartbeatInterval" },
] as const;

const scratch = await mkdtemp(join(tmpdir(), "ocpp-relay-bench-"));
const relay = await startLocal({ assembly: await synthesize({ outdir: scratch }) });
const token = await fetchToken(relay.apiUrl, "demo", "demo-secret");
const stations = [];
try {
  for (const { protocol } of versions) {
    await registerStation(relay.apiUrl, token, { identity: protocol, password: PASSWORD });
    const url = `${relay.stationUrl}/ocpp`;
    stations.push(
      await connectStation({ url, identity: protocol, protocol, password: PASSWORD, boot: false }),
    );
  }
  const tookMs = versions.map((): number[] => []);
  const requests = versions.map(() => 0);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [index, { protocol, key }] of versions.entries()) {
      relay.resetMetrics();
      const began = performance.now();
      await readConfiguration(protocol, key);
      if (round < 0) continue;
      tookMs[index]?.push(performance.now() - began);
      requests[index] = (requests[index] ?? 0) + relay.metrics().dynamodb.total;
    }
  }
  console.log(
    "| get_configuration, one key | p50 | p99 | p50 × 1.6 | DynamoDB requests |\n|---|---:|---:|---:|---:|",
  );
  for (const [index, { protocol }] of versions.entries()) {
    const [took, base] = [tookMs[index] ?? [], tookMs[0] ?? []];
    const ratio = percentile(took, 0.5) / percentile(base, 0.5);
    const perCommand = (requests[index] ?? 0) / ROUNDS;
    console.log(
      `| ${protocol} | ${percentile(took, 0.5).toFixed(1)} ms | ${percentile(took, 0.99).toFixed(1)} ms | ${ratio.toFixed(2)} | ${perCommand.toFixed(1)} |`,
    );
  }
} finally {
  await Promise.all(stations.map((station) => station.close()));
  await relay.close();
  await rm(scratch, { recursive: true, force: true });
}

async function readConfiguration(identity: string, key: string): Promise<void> {
  const path = `/remote_commands/synchronous/${identity}/get_configuration`;
  const response = await fetch(relay.apiUrl + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ keys: [key] }),
  });
  if (!response.ok) throw new Error(`${identity}: ${response.status} ${await response.text()}`);
  await response.text();
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
