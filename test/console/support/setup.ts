import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { buildConsole } from "../../../infra/console-build.ts";
import { synthesize } from "../../../infra/synth.ts";
import { startLocal } from "../../../local/relay.ts";
import { findChromium } from "./chromium.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly apiUrl: string;
    readonly stationUrl: string;
    /** Where the tests connect to the browser. */
    readonly browser: string;
    /** The folder of the built console. */
    readonly consoleFiles: string;
  }
}

/** One stack with the console, and one browser, for all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "ocpp-relay-console-"));
  const root = process.cwd();
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium: set CHROME_PATH.");
  // The build runs in a process of its own, beside the synthesis.
  const [files, assembly, browser] = await Promise.all([
    buildConsole({ root, cache: join(root, ".cache", "console") }),
    synthesize({ outdir: folder }),
    chromium.launchServer({
      executablePath,
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-extensions"],
    }),
  ]);
  await mkdir("reports", { recursive: true });
  const log = createWriteStream("reports/console-functions.log");
  const relay = await startLocal({
    assembly,
    onLog: ({ text }) => log.write(text),
    buildConsole: async () => files,
  });
  project.provide("apiUrl", relay.apiUrl);
  project.provide("stationUrl", relay.stationUrl);
  project.provide("browser", browser.wsEndpoint());
  project.provide("consoleFiles", files);
  return async () => {
    await browser.close();
    await relay.close();
    log.end();
    await rm(folder, { recursive: true, force: true });
  };
}
