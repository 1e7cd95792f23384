/**
 * A request to DynamoDB through the SDK's clients and through shared/aws: the processor time it costs a process
 * that is new, and one that is not, with what the process starts with. Figures and the choice:
 * docs/aws-requests.md.
 *
 *     node bench/aws-requests.ts
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { median } from "./figures.ts";

const PROCESSES = 15;
/** Processor time is taken of the requests up to each of these. */
const UP_TO = [1, 10, 100, 1000];

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

/** Modules that export `get()`: one GetItem, to an item as JavaScript sees it. */
const candidates: Record<string, string> = {
  "document client": `
    import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
    import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
    const client = DynamoDBDocumentClient.from(new DynamoDBClient());
    export const get = async (Key) => (await client.send(new GetCommand({ TableName: "relay", Key }))).Item;`,
  "client, cacheMiddleware": `
    import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
    import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
    const client = new DynamoDBClient({ cacheMiddleware: true });
    export const get = async (key) =>
      unmarshall((await client.send(new GetItemCommand({ TableName: "relay", Key: marshall(key) }))).Item);`,
  "shared/aws": `
    import { openTable } from ${JSON.stringify(join(root, "shared/store/table.ts"))};
    const table = openTable("relay");
    export const get = (key) => table.get(key);`,
};

const probe = `
  const startedAt = performance.now();
  const { get } = await import(process.argv[2]);
  const result = [performance.now() - startedAt];
  let done = 0;
  for (const upTo of JSON.parse(process.argv[3])) {
    const before = process.cpuUsage();
    const first = done;
    for (; done < upTo; done += 1) await get({ pk: "STATION#1", sk: "STATION" });
    const { user, system } = process.cpuUsage(before);
    result.push((user + system) / 1000 / (upTo - first));
  }
  console.log(JSON.stringify(result));`;

const text = (length: number) => ({ S: "x".repeat(length) });
const connection = {
  M: { connectionId: text(16), protocol: text(7), connectedAtMs: { N: "1763680000000" } },
};
const answer = JSON.stringify({ Item: { pk: text(9), sk: text(7), cpId: text(36), connection } });

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(answer);
  });
}).listen(0, "127.0.0.1");
const folder = await mkdtemp(join(root, "node_modules/.aws-requests-"));
try {
  await writeFile(join(folder, "probe.mjs"), probe);
  const bytes: Record<string, number> = {};
  for (const [name, code] of Object.entries(candidates)) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "entry.mjs"), code);
    const outfile = join(folder, name, "bundle.mjs");
    await build({
      entryPoints: [join(folder, name, "entry.mjs")],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "node24",
      mainFields: ["module", "main"],
    });
    bytes[name] = (await stat(outfile)).size;
  }
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  };
  const samples = new Map(Object.keys(candidates).map((name) => [name, [] as number[][]]));
  for (let round = 0; round < PROCESSES; round += 1) {
    for (const [name, seen] of samples) {
      const args = [join(folder, "probe.mjs"), join(folder, name, "bundle.mjs"), JSON.stringify(UP_TO)];
      seen.push(JSON.parse((await run(process.execPath, args, { env })).stdout));
    }
  }
  const ranges = UP_TO.map((upTo, index) => (index === 0 ? "1st" : `to ${upTo}th`));
  console.log(
    `Node ${process.version}, median of ${PROCESSES} processes; ms of processor time per request\n`,
  );
  console.log(`| | KB | init ms | ${ranges.join(" | ")} |`);
  console.log(`|---|---:|---:|${UP_TO.map(() => "---:").join("|")}|`);
  for (const [name, seen] of samples) {
    const medians = [0, ...UP_TO.keys().map((index) => index + 1)].map((column) =>
      median(seen.map((sample) => sample[column] ?? Number.NaN)),
    );
    const [initMs = Number.NaN, ...perRequest] = medians;
    const cells = [
      ((bytes[name] ?? 0) / 1000).toFixed(0),
      initMs.toFixed(1),
      ...perRequest.map((ms) => ms.toFixed(2)),
    ];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
} finally {
  server.close();
  await rm(folder, { recursive: true });
}
