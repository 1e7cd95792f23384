/** The local stack in a process of its own, for tests that kill it: `node relay-process.ts <assembly> <data dir>`. */

import { startLocal } from "../../local/relay.ts";
import { runningEngine } from "./engine.ts";

const [assembly = "", dataDir = ""] = process.argv.slice(2);
const { apiUrl, stationUrl } = await startLocal({
  assembly,
  dataDir,
  onLog: () => {},
  ...(runningEngine && { dynamodbEndpoint: runningEngine }),
});
process.stdout.write(`${JSON.stringify({ apiUrl, stationUrl })}\n`);
