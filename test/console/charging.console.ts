import { afterEach, describe, expect, it } from "vitest";
import { closePages, picture, signedIn, withBrowser } from "./support/console.ts";
import { api, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

describe("a charge", () => {
  it("is started, followed on its time line, and stopped", async () => {
    const { cpId } = await station("CHARGER-1");
    const { page } = await signedIn("operator", `/stations/${cpId}/commands/createRemoteStartAttempt`);
    await page.getByRole("textbox", { name: /^ID tag/ }).fill("0A1B2C3D");
    await page.getByRole("button", { name: "Connector" }).click();
    await page.getByRole("option", { name: /EVSE 1, connector 1/ }).click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("link", { name: "The attempt" }).click();
    const line = page.getByRole("list", { name: "States of the attempt" });
    await line.getByText("started", { exact: true }).waitFor();

    await page.goto(page.url().replace(/#.*/, `#/stations/${cpId}`));
    await page.getByRole("table", { name: "Running charges" }).getByRole("link").click();
    await page.getByRole("heading", { name: /^Charge / }).waitFor();
    await page.getByText("running", { exact: true }).waitFor();
    await page.getByRole("link", { name: "The attempt" }).click();
    await page.getByRole("button", { name: "Stop charging" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop charging" }).click();
    await line.getByText("stopped", { exact: true }).waitFor();
    await picture(page, "attempt to its end");

    const { items } = await api("GET", `/transactions?cpId=${cpId}`);
    expect(items).toMatchObject([{ idTag: "0A1B2C3D", reason: "Remote" }]);
  });

  it("that waits for an offline station is cancelled", async () => {
    await api("DELETE", "/stations/ASLEEP-1").catch(() => {});
    await api("POST", "/stations", { identity: "ASLEEP-1" });
    const { page } = await signedIn("operator", "/attempts/new");
    await page.getByRole("textbox", { name: /^Cp ID|^CpID/i }).fill("ASLEEP-1");
    await page.getByRole("textbox", { name: /^ID tag/ }).fill("0A1B2C3D");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("button", { name: "Cancel the attempt" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the attempt" }).click();
    const line = page.getByRole("list", { name: "States of the attempt" });
    await line.getByText("cancelled", { exact: true }).waitFor();
  });
});
