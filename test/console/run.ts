/**
 * `npm run test:console`: the built console in a real browser, on the local stack. Where there is no Chromium, and this
 * is root on Debian, it is installed. Arguments are those of vitest.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findChromium } from "./support/chromium.ts";

/** Exit codes of sysexits.h that .ci/run reads: EX_UNAVAILABLE and EX_TEMPFAIL. */
const UNAVAILABLE = 69;
const NOT_FETCHED = 75;

const run = (command: string, args: readonly string[]): number =>
  spawnSync(command, args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })
    .status ?? 1;

function browserProblem(): number | undefined {
  if (findChromium()) return undefined;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return UNAVAILABLE;
  const install = (name: string) =>
    run("apt-get", ["install", "--yes", "--no-install-recommends", name]) === 0;
  // Older versions of Debian have the whole browser only.
  const isInstalled =
    run("apt-get", ["update"]) === 0 && (install("chromium-headless-shell") || install("chromium"));
  return isInstalled && findChromium() ? undefined : NOT_FETCHED;
}

process.exitCode =
  browserProblem() ??
  run(process.execPath, [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/console/vitest.config.ts",
    ...process.argv.slice(2),
  ]);
