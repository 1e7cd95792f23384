import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { fetchToken } from "../../local/stations/registration.ts";
import { type RelayUnderTest, startRelay } from "./relay.ts";

const SCRIPT = fileURLToPath(new URL("./relay-process.ts", import.meta.url));

/** The local stack in a process of its own. */
export interface MortalRelay {
  readonly stationUrl: string;
  /** As the client `demo`. @throws Error for a status that is no success */
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type of a response
  call(method: string, path: string, body?: object): Promise<any>;
}

/**
 * Kills a local stack by SIGKILL once `before` has resolved, starts another one with the same data, and runs `after`.
 *
 * @param cleanup called in any case, before the data is deleted
 */
export async function killInTheMiddle(
  before: (relay: MortalRelay) => Promise<void>,
  after: (relay: RelayUnderTest) => Promise<void>,
  cleanup: () => Promise<void> | void,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "killed-relay-"));
  const child = spawn(process.execPath, [SCRIPT, inject("assembly"), dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let second: RelayUnderTest | undefined;
  try {
    const [line] = await once(child.stdout, "data");
    await before(await mortalRelay(JSON.parse(String(line))));
    child.kill("SIGKILL");
    await exited;
    second = await startRelay({ dataDir });
    await after(second);
  } finally {
    child.kill("SIGKILL");
    await cleanup();
    await second?.stop();
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function mortalRelay({
  apiUrl,
  stationUrl,
}: {
  readonly apiUrl: string;
  readonly stationUrl: string;
}): Promise<MortalRelay> {
  const headers = {
    authorization: `Bearer ${await fetchToken(apiUrl, "demo", "demo-secret")}`,
    "content-type": "application/json",
  };
  return {
    stationUrl,
    async call(method, path, body) {
      const response = await fetch(apiUrl + path, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
  };
}
