import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { closeStations } from "./stack.ts";

export type Role = "admin" | "operator" | "viewer";

interface Opened {
  readonly page: Page;
  /** What the browser logged as an error, and requests to other hosts. Tests remove what they expect. */
  readonly faults: string[];
}

let browser: Browser;
const opened: Opened[] = [];

/** Connects the file to the browser. At its end no page may have logged an error or asked another host. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.connect(inject("browser"));
  });
  afterAll(async () => {
    await closeStations();
    await browser.close();
  });
}

export const homeUrl = (): string => `${inject("apiUrl")}/console/`;

/** A new browser profile with the console, signed out. */
export async function openPage(path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== "blob:" && hostname !== "127.0.0.1") faults.push(`request to ${hostname}`);
  });
  await page.goto(homeUrl() + (path === "" ? "" : `#${path}`));
  const one = { page, faults };
  opened.push(one);
  return one;
}

/** A new browser profile in which a user of the local stack is signed in. */
export async function signedIn(
  role: Role,
  path = "/stations",
  options?: BrowserContextOptions,
): Promise<Opened> {
  const one = await openPage(path, options);
  await one.page.getByRole("button", { name: `Sign in as ${role}` }).click();
  await one.page.getByRole("link", { name: "ocpp-relay" }).waitFor();
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
  await Promise.all(pages.map(({ page }) => page.context().close()));
  expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
}

/** Goes to a page of the console that is open. */
export async function go(page: Page, path: string): Promise<void> {
  await page.goto(`${homeUrl()}#${path}`);
}
