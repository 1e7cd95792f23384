import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { closePages, picture, signedIn, withBrowser } from "./support/console.ts";
import { everyPage, type Place, shown } from "./support/every-page.ts";

withBrowser();
afterEach(closePages);

let pages: Readonly<Record<string, Place>>;
beforeAll(async () => {
  pages = await everyPage();
});

/** What axe finds that is serious or critical. */
const serious = async (page: Page, options: object = {}): Promise<string[]> =>
  await page.evaluate(`axe.run(document, ${JSON.stringify({
    ...{ resultTypes: ["violations"], preload: false, ...options },
  })}).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 300))))`);

async function themed(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: "attached" });
}

/** By how many pixels the page is wider than the window. It has 100 frames to take its form after a resize. */
const EXCESS = `new Promise((resolve) => {
  const { documentElement } = document;
  const look = (frames) => {
    const excess = documentElement.scrollWidth - documentElement.clientWidth;
    if (excess <= 0 || frames === 0) resolve(excess);
    else requestAnimationFrame(() => look(frames - 1));
  };
  look(100);
})`;

describe("every page", () => {
  it("has no serious finding of axe, in either theme", async () => {
    const { page } = await signedIn("admin");
    await page.evaluate(axe.source);
    const found: Record<string, string[]> = {};
    for (const [name, place] of Object.entries(pages)) {
      await themed(page, "light");
      await shown(page, place);
      const inLight = await serious(page);
      await themed(page, "dark");
      // Only colours differ from theme to theme.
      const inDark = await serious(page, { runOnly: ["color-contrast"] });
      expect(await page.title(), name).toMatch(/ · ocpp-relay$/);
      if (inLight.length + inDark.length > 0) found[name] = [...inLight, ...inDark];
    }
    expect(found).toEqual({});
  });

  it("fits screens of 320 and 390 px", async () => {
    const { page } = await signedIn("admin", "/stations", { viewport: { width: 320, height: 800 } });
    const tooWide: string[] = [];
    for (const [name, place] of Object.entries(pages)) {
      await shown(page, place);
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const more = await page.evaluate(EXCESS);
        if (Number(more) > 0) tooWide.push(`${name}: ${more} px at ${width}`);
      }
    }
    expect(tooWide).toEqual([]);
  });

  it.runIf(process.env.CONSOLE_PICTURES)("is kept as pictures", async () => {
    const { page } = await signedIn("admin");
    for (const [name, place] of Object.entries(pages)) {
      await shown(page, place);
      await picture(page, name);
    }
  });
});
