import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { closeStations } from "./stack.ts";

export type Role = "admin" | "operator" | "viewer";

interface Opened {
  readonly page: Page;
  /** What the browser logged as an error, and requests to other hosts. Tests remove what they expect. */
  readonly faults: string[];
}

type Look = Pick<BrowserContextOptions, "colorScheme" | "viewport">;

let browser: Browser;
/** One browser profile for all pages of a file: it has the console's files in its cache after the first page. */
let profile: BrowserContext;
const opened: Opened[] = [];
/** What signing in leaves in a tab (`sessionStorage`), by role: later tabs begin with it. */
const sessions = new Map<Role, string>();

/** Connects the file to the browser. At its end no page may have logged an error or asked another host. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.connect(inject("browser"));
    profile = await browser.newContext({
      ...{ locale: "en-GB", timezoneId: "Europe/Berlin" },
      permissions: ["clipboard-read", "clipboard-write"],
      // Colours are measured, and pictures taken, without waiting for transitions.
      reducedMotion: "reduce",
    });
  });
  afterAll(async () => {
    await closeStations();
    await browser.close();
  });
}

export const homeUrl = (): string => `${inject("apiUrl")}/console/`;

const desktop = { width: 1440, height: 900 };

/** A new tab with the console, signed out, unless it begins with a session. */
export async function openPage(path: string, look: Look = {}, session?: string): Promise<Opened> {
  const page = await profile.newPage();
  await page.setViewportSize(look.viewport ?? desktop);
  await page.emulateMedia({ colorScheme: look.colorScheme ?? "light" });
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== "blob:" && hostname !== "127.0.0.1") faults.push(`request to ${hostname}`);
  });
  if (session !== undefined) {
    const entries = JSON.stringify(Object.entries(JSON.parse(session)));
    await page.addInitScript(
      `if (sessionStorage.length === 0) for (const entry of ${entries}) sessionStorage.setItem(...entry);`,
    );
  }
  await page.goto(homeUrl() + (path === "" ? "" : `#${path}`));
  const one = { page, faults };
  opened.push(one);
  return one;
}

/** Chooses a user on the sign-in page, and waits for the console. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await page.getByRole("button", { name: `Sign in as ${role}` }).click();
  await page.getByRole("link", { name: "ocpp-relay" }).waitFor();
}

/** A new tab in which a user of the local stack is signed in. */
export async function signedIn(role: Role, path = "/stations", look?: Look): Promise<Opened> {
  const session = sessions.get(role);
  if (session !== undefined) return await openPage(path, look, session);
  const one = await openPage(path, look);
  await signIn(one.page, role);
  sessions.set(role, await one.page.evaluate("JSON.stringify(sessionStorage)"));
  return one;
}

/** Removes the faults that a test expects, and returns how many they were. */
export function expected({ faults }: Opened, pattern: RegExp): number {
  const others = faults.filter((fault) => !pattern.test(fault));
  const count = faults.length - others.length;
  faults.splice(0, faults.length, ...others);
  return count;
}

/** Closes the pages of a test. */
export async function closePages(): Promise<void> {
  const pages = opened.splice(0);
  await Promise.all(pages.map(({ page }) => page.close()));
  expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
}

/** Goes to a page of the console that is open. */
export async function go(page: Page, path: string): Promise<void> {
  await page.goto(`${homeUrl()}#${path}`);
}

/** Chooses a section of the console. */
export const choose = (page: Page, section: string): Promise<void> =>
  page
    .getByRole("navigation", { name: "Side navigation" })
    .getByRole("link", { name: section, exact: true })
    .click();

const { CONSOLE_PICTURES: pictures = "" } = process.env;
const phone = { width: 390, height: 844 };

/** With `CONSOLE_PICTURES=<folder>`: keeps pictures of a page as it is, on a desktop and a phone, light and dark. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === "") return;
  for (const viewport of [desktop, phone])
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const file = `${name.replaceAll(" ", "-")}-${viewport.width}-${colorScheme}.png`;
      await page.screenshot({ path: join(pictures, file), animations: "disabled", fullPage: true });
    }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: "light" });
}
