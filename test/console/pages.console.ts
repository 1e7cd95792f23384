import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { closePages, go, homeUrl, signedIn, withBrowser } from "./support/console.ts";
import { api, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

const pictures = process.env.CONSOLE_PICTURES;

/** Every page of the console, with a text that is there when the page is. */
let pages: Readonly<Record<string, readonly [path: string, heading: string]>>;

beforeAll(async () => {
  const first = await station("DEPOT-7-A", {}, { name: "Depot 7, left", tags: ["depot-7"] });
  const second = await station("DEPOT-7-B", { protocol: "ocpp2.0.1" }, { tags: ["depot-7"] });
  await api("POST", "/stations", { identity: "TOWN-HALL", tags: ["city"] }).catch(() => {});
  await api("POST", `/remote_commands/synchronous/${first.cpId}/get_configuration`, {});
  const attempt = await api("POST", "/remote_commands/asynchronous/remote_start_attempt", {
    ...{ cpId: second.cpId, idTag: "0A1B2C3D", connector: "1:1" },
  });
  await api("PUT", "/rates/day", {
    currency: "EUR",
    priceText: "0.45 €/kWh",
    translations: { de: "0,45 €/kWh" },
  });
  await api("PUT", "/tokens/0A1B2C3D", { status: "Accepted", groupId: "FLEET-7", note: "Spare card" });
  await api("PUT", "/webhooks/events", { url: "http://127.0.0.1:9/hook", events: ["*"] });
  const bulk = await api("POST", "/remote_commands/bulk", {
    command: "get_configuration",
    stations: { filter: { tag: "depot-7" } },
  });
  const one = async (path: string) => (await api("GET", path)).items[0];
  const charge = await until(() => one(`/transactions?cpId=${second.cpId}`));
  const boot = await one(`/stations/${first.cpId}/communication_log?action=BootNotification`);
  const command = await one("/remote_commands?command=get_configuration");
  const of = (path: string) => `/stations/${first.cpId}${path}`;
  pages = {
    stations: ["/stations", "Stations"],
    "register station": ["/stations/new", "Register a station"],
    station: [of(""), "DEPOT-7-A"],
    "command form": [of("/commands/setChargingProfile"), "DEPOT-7-A"],
    configuration: [of("/configuration"), "Configuration"],
    "charges of a station": [of("/charges"), "Charges"],
    "log of a station": [of("/log"), "Communication log"],
    "settings of a station": [of("/settings"), "Settings"],
    exchange: [of(`/exchange/${boot.entryId}`), "BootNotification"],
    log: ["/log", "Communication log"],
    commands: ["/commands", "Commands"],
    command: [`/commands/${command.commandId}`, "get_configuration"],
    attempts: ["/attempts", "Attempts"],
    "start charging": ["/attempts/new", "Start charging"],
    attempt: [`/attempts/${attempt.id}`, "Remote start of 0A1B2C3D"],
    charges: ["/charges", "Charges"],
    charge: [`/charges/${charge.id}`, `Charge ${charge.transactionId}`],
    "bulk commands": ["/bulk", "Bulk commands"],
    "new bulk command": ["/bulk/new", "New bulk command"],
    "bulk command": [`/bulk/${bulk.bulkId}`, "get_configuration"],
    "raw request": [`/raw?station=${second.cpId}&action=TriggerMessage`, "Raw request"],
    rates: ["/rates", "Rates"],
    rate: ["/rates/day", "Rate day"],
    tokens: ["/tokens", "Tokens"],
    token: ["/tokens/0A1B2C3D", "Token 0A1B2C3D"],
    webhooks: ["/webhooks", "Webhooks"],
    webhook: ["/webhooks/events", "Webhook events"],
    networks: ["/networks", "Networks"],
    network: ["/networks/default", "Network default"],
    "unknown address": ["/nowhere", ""],
  };
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the page is there, with what it reads. */
async function shown(page: Page, [path, heading]: readonly [string, string]): Promise<void> {
  await go(page, path);
  if (heading === "") await page.getByText("There is no such page").waitFor();
  else
    await page
      .getByRole("heading", { name: new RegExp(`^${heading}`) })
      .first()
      .waitFor();
  await page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: "hidden" });
}

/** What axe finds that is serious or critical. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 300))))`);
}

describe.each(["light", "dark"] as const)("every page in the %s theme", (colorScheme) => {
  it("has no serious finding of axe", async () => {
    const { page } = await signedIn("admin", "/stations", { colorScheme });
    const found: Record<string, string[]> = {};
    for (const [name, one] of Object.entries(pages)) {
      await shown(page, one);
      const serious = await violations(page);
      if (serious.length > 0) found[name] = serious;
      if (pictures) await picture(page, `${name}-1440-${colorScheme}`);
    }
    expect(found).toEqual({});
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe(colorScheme);
  });
});

describe("every page on a small screen", () => {
  it.each([320, 390])("is not wider than %i px", async (width) => {
    const { page } = await signedIn("admin", "/stations", { viewport: { width, height: 800 } });
    const tooWide: string[] = [];
    for (const [name, one] of Object.entries(pages)) {
      await shown(page, one);
      const more = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      if (Number(more) > 0) tooWide.push(`${name}: ${more} px`);
      if (pictures) await picture(page, `${name}-${width}`);
    }
    expect(tooWide).toEqual([]);
  });
});

describe("the first page", () => {
  it("needs at most 450 KB of JavaScript, compressed, and paints soon", async () => {
    const { page } = await signedIn("admin");
    await page.getByRole("heading", { name: "Stations" }).waitFor();
    // Signed in, as on every later visit.
    await page.reload();
    await page.getByRole("link", { name: "DEPOT-7-A" }).waitFor();
    const names: string[] = JSON.parse(
      await page.evaluate(`JSON.stringify(performance.getEntriesByType("resource").map(({ name }) => name))`),
    );
    const scripts = names.filter((name) => name.startsWith(homeUrl()) && name.endsWith(".js"));
    const sizes = scripts.map(
      (name) => gzipSync(readFileSync(join(inject("consoleFiles"), name.slice(homeUrl().length)))).length,
    );
    const kilobytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000);
    const paint = await page.evaluate(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime`);
    console.log(
      `first page: ${kilobytes} KB of JavaScript (gzip), painted after ${Math.round(Number(paint))} ms`,
    );
    expect(scripts.length).toBeGreaterThan(0);
    expect(kilobytes).toBeLessThanOrEqual(450);
  });

  it("is used with the keyboard alone", async () => {
    const { page } = await signedIn("viewer", "/stations?identity=DEPOT-7-A");
    await page.getByRole("link", { name: "DEPOT-7-A" }).waitFor();
    for (let keys = 0; keys < 60; keys++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "DEPOT-7-A") break;
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "DEPOT-7-A" }).waitFor();
  });
});

const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(pictures ?? "", `${name.replaceAll(" ", "-")}.png`), animations: "disabled" });
