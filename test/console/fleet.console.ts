import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { choose, closePages, picture, signedIn, withBrowser } from "./support/console.ts";
import { api } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

/** `CONSOLE_FLEET=10000` prints the figures of docs/console.md. */
const COUNT = Number(process.env.CONSOLE_FLEET ?? 500);
const MAXIMUM_IMPORT = 500;
const PAGE_SIZE = 50;
const PAGES = 5;

const identityOf = (place: number) => `UNIT-${String(place).padStart(5, "0")}`;

beforeAll(async () => {
  for (let from = 0; from < COUNT; from += MAXIMUM_IMPORT) {
    const stations = Array.from({ length: Math.min(MAXIMUM_IMPORT, COUNT - from) }, (_, place) => ({
      identity: identityOf(from + place),
      auth: { type: "certificate" },
      // the last one alone has its tag: a filter looks at all stations for it
      tags: [from + place === COUNT - 1 ? "fleet-last" : "fleet"],
    }));
    await api("POST", "/stations/import", { stations });
  }
});

describe(`a fleet of ${COUNT} stations`, () => {
  it("is listed page by page, searched and filtered, with one page of rows at a time", async () => {
    const { page } = await signedIn("viewer", "/rates");
    const answers: { readonly ms: number; readonly bytes: number }[] = [];
    page.on("requestfinished", async (request) => {
      if (!/\/stations\?/.test(request.url())) return;
      const { responseBodySize: bytes } = await request.sizes();
      answers.push({ ms: request.timing().responseEnd, bytes });
    });
    await page.evaluate(`
      window.longTasks = [];
      new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" })`);
    const row = (place: number) => page.getByRole("link", { name: identityOf(place) });
    const rows = page.getByRole("link", { name: /^UNIT-/ });
    const timed = async (what: string, wait: Promise<unknown>) => {
      const began = performance.now();
      await wait;
      if (process.env.CONSOLE_FLEET) console.log(`${what}: ${Math.round(performance.now() - began)} ms`);
    };

    await choose(page, "Stations");
    const search = page.getByRole("combobox", { name: /Find stations/ });
    await search.fill("UNIT");
    await search.press("Enter");
    // Until the address has the filter, the rows and the pages are those of the whole list.
    await page.getByRole("button", { name: "Clear filters" }).waitFor();
    await timed("first row", row(0).waitFor());
    for (let number = 1; number < PAGES; number++) {
      await page.getByRole("button", { name: "Next page" }).click();
      await timed(`page ${number + 1}`, row(number * PAGE_SIZE).waitFor());
      expect(await rows.count()).toBe(PAGE_SIZE);
    }
    await picture(page, "large fleet");
    await page.getByRole("button", { name: "Page 2", exact: true }).click();
    await row(PAGE_SIZE).waitFor();

    const wanted = COUNT - 7;
    await search.fill(identityOf(wanted));
    await search.press("Enter");
    await timed("search", row(wanted).waitFor());
    await row(PAGE_SIZE).waitFor({ state: "detached" });
    expect(await rows.count()).toBe(1);

    await page.goto(page.url().replace(/#.*/, "#/stations?tag=fleet-last"));
    await timed("filter by tag", row(COUNT - 1).waitFor());
    if (!process.env.CONSOLE_FLEET) return;
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const { metrics } = await session.send("Performance.getMetrics");
    const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
    const longest = Number(await page.evaluate("Math.max(0, ...longTasks)"));
    console.log(`JavaScript heap of the tab: ${Math.round(heap / 1e6)} MB`);
    console.log(`longest task of the tab: ${Math.round(longest)} ms`);
    console.log(
      `answers of GET /stations: ${answers.length}, at most ${Math.round(Math.max(...answers.map(({ ms }) => ms)))} ms ` +
        `and ${Math.round(Math.max(...answers.map(({ bytes }) => bytes)) / 1000)} KB`,
    );
  });
});
