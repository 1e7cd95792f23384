import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CANDIDATES = [
  process.env.CHROME_PATH,
  // Without the windows of a browser, which cost a third of the processor time.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser of this machine: `CHROME_PATH`, Debian's Chromium, Chrome, or one that Playwright has installed. */
export const findChromium = (): string | undefined =>
  [...CANDIDATES, chromium.executablePath()].find((path) => path !== undefined && existsSync(path));
