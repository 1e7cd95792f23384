import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, inject, it } from "vitest";
import { buildConsole } from "../../infra/console-build.ts";
import { closePages, homeUrl, signedIn, withBrowser } from "./support/console.ts";
import { station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

const MAXIMUM_KILOBYTES = 450;

describe("the first page", () => {
  it("needs at most 450 KB of JavaScript, compressed, and its paint is timed", async () => {
    const { page } = await signedIn("admin");
    await page.getByRole("heading", { name: "Stations" }).waitFor();
    // Signed in, as on every later visit.
    await page.reload();
    await page.getByRole("heading", { name: "Stations" }).waitFor();
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
    expect(kilobytes).toBeLessThanOrEqual(MAXIMUM_KILOBYTES);
  });

  it("is used with the keyboard alone", async () => {
    await station("KEYS-1");
    const { page } = await signedIn("viewer", "/stations?identity=KEYS-1");
    await page.getByRole("link", { name: "KEYS-1" }).waitFor();
    for (let keys = 0; keys < 60; keys++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "KEYS-1") break;
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "KEYS-1" }).waitFor();
  });
});

describe("the stored build", () => {
  it("is found again, and the time is printed", async () => {
    const began = performance.now();
    const files = await buildConsole({
      root: process.cwd(),
      cache: join(process.cwd(), ".cache", "console"),
    });
    console.log(`a stored build of the console is found in ${Math.round(performance.now() - began)} ms`);
    expect(files).toBe(inject("consoleFiles"));
  });
});
