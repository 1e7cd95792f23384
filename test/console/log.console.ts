import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { closePages, go, picture, signedIn, withBrowser } from "./support/console.ts";
import { api, rawStation, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

const boot = { chargePointVendor: "Vendor", chargePointModel: "Model" };
const transfer = (number: number) => [2, `transfer-${number}`, "DataTransfer", { vendorId: `V${number}` }];

describe("the communication log", () => {
  it("follows a station that talks, and stands still while the reader is further down", async () => {
    const talker = await rawStation("TALKER-1");
    talker.send([2, "boot", "BootNotification", boot]);
    for (let number = 0; number < 40; number++) talker.send(transfer(number));
    for (let answers = 0; answers < 41; answers++) await talker.next();

    const { page } = await signedIn("viewer", `/stations/${talker.cpId}/log`);
    const rows = page.getByRole("table", { name: "Communication log" }).getByRole("link");
    await page.getByRole("link", { name: "BootNotification" }).waitFor();
    talker.send([2, "live", "Heartbeat", {}]);
    await page.getByRole("link", { name: "Heartbeat" }).waitFor();

    await page.getByRole("link", { name: "BootNotification" }).scrollIntoViewIfNeeded();
    const before = await rows.count();
    const place = () =>
      page.evaluate(
        `[...document.querySelectorAll("a")].find((a) => a.textContent === "BootNotification").getBoundingClientRect().top`,
      );
    const top = await place();
    talker.send([2, "more", "Authorize", { idTag: "T1" }]);
    const held = page.getByRole("button", { name: "1 new exchange" });
    await held.waitFor();
    expect([await rows.count(), await place()]).toEqual([before, top]);
    await picture(page, "live log");
    await held.click();
    await page.getByRole("link", { name: "Authorize" }).waitFor();
    expect(await rows.count()).toBe(before + 1);
  });

  it("opens an exchange with violations at their place, its command, and both messages", async () => {
    const odd = await rawStation("ODD-1");
    odd.send([2, "boot", "BootNotification", boot]);
    odd.send([
      2,
      "status",
      "StatusNotification",
      { connectorId: 1, status: "Available", errorCode: "NoError", info: "x".repeat(60) },
    ]);
    await odd.next();
    await odd.next();
    const { page } = await signedIn("viewer", `/stations/${odd.cpId}/log?violations=true`);
    await page.getByRole("link", { name: "StatusNotification" }).click();
    await page.getByRole("heading", { name: "StatusNotification" }).waitFor();
    const marked = page.getByRole("region", { name: "Request" }).locator('[data-pointer="/info"]');
    await marked.getByRole("note").waitFor();
    await picture(page, "exchange with violations");
    await page.getByRole("region", { name: "Response" }).waitFor();
    const [entry] = (await api("GET", `/stations/${odd.cpId}/communication_log?violations=true`)).items;
    const inBerlin = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "Europe/Berlin" });
    const time = page.locator(`time[datetime="${entry.at}"]`);
    expect(await time.textContent()).toContain(inBerlin.format(new Date(entry.at)));
    expect(await time.textContent()).toContain(`${entry.at.slice(11, -1)} UTC`);
    const address = page.url();
    await page.reload();
    await page.getByRole("heading", { name: "StatusNotification" }).waitFor();
    expect(page.url()).toBe(address);
  });

  it("has JSON that is searched, folded and copied", async () => {
    const { cpId } = await station("JSON-1");
    const [entry] = (await api("GET", `/stations/${cpId}/communication_log?action=BootNotification`)).items;
    const { page } = await signedIn("viewer", `/stations/${cpId}/exchange/${entry.entryId}`);
    const request = page.getByRole("region", { name: "Request" });
    await request.getByRole("searchbox").fill("chargepointmodel");
    await request.getByText("1 match").waitFor();
    expect(await request.locator("mark").allTextContents()).toEqual(["chargePointModel"]);
    await request.getByRole("searchbox").fill("");
    await request.getByRole("button", { name: "Fold: Request", exact: true }).click();
    await request.getByText("chargePointModel").waitFor({ state: "hidden" });
    await request.getByRole("button", { name: "Unfold: Request" }).click();
    await request.getByText("chargePointModel").waitFor();
    await page.getByRole("button", { name: "Copy as JSON" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    expect(JSON.parse(await page.evaluate("navigator.clipboard.readText()"))).toEqual(entry);
  });

  it("links an exchange to its command and back", async () => {
    const { cpId } = await station("LINKED-1");
    await api("POST", `/remote_commands/synchronous/${cpId}/reset`, { type: "Soft" });
    const { page } = await signedIn("viewer", `/stations/${cpId}/log?action=Reset`);
    await page.getByRole("link", { name: "Reset", exact: true }).click();
    const [command] = (await api("GET", `/remote_commands?cpId=${cpId}&command=reset`)).items;
    await page.getByRole("link", { name: command.commandId }).click();
    await page.getByRole("link", { name: "Its exchanges" }).click();
    await page.getByRole("link", { name: "Reset", exact: true }).waitFor();
  });

  it("is downloaded as JSON Lines", async () => {
    const { cpId } = await station("SAVED-1");
    const { page } = await signedIn("viewer", `/stations/${cpId}/log`);
    await page.getByRole("link", { name: "BootNotification" }).waitFor();
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "JSON Lines" }).click();
    const entries = (await text(await (await coming).createReadStream()))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(entries.map(({ action }) => action)).toContain("BootNotification");
    expect(entries.every((entry) => entry.cpId === cpId)).toBe(true);
  });

  it("is that of all stations, with their identities", async () => {
    const { cpId } = await station("EVERY-1");
    const { page } = await signedIn("viewer", `/log?cpId=${cpId}`);
    await page.getByRole("link", { name: "EVERY-1" }).first().waitFor();
  });
});

describe("texts of a station that contain HTML", () => {
  const hostile = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{7*7}}`;

  it("are shown as text on every page that has them", async () => {
    const evil = await rawStation("EVIL-1");
    const call = async (action: string, payload: object) => {
      evil.send([2, `${action}-1`, action, payload]);
      return evil.next();
    };
    await call("BootNotification", { chargePointVendor: hostile, chargePointModel: hostile });
    await call("StatusNotification", { connectorId: 1, status: hostile, errorCode: hostile });
    await call("StartTransaction", {
      ...{ connectorId: 1, idTag: hostile, meterStart: 1, timestamp: new Date().toISOString() },
    });
    await call("DataTransfer", { vendorId: hostile, messageId: hostile, data: hostile });
    const reading = api("POST", "/remote_commands/synchronous/EVIL-1/get_configuration", {});
    const [, id] = await evil.next();
    evil.send([3, id, { configurationKey: [{ key: hostile, value: hostile, readonly: false }] }]);
    await reading;
    const resetting = api("POST", "/remote_commands/synchronous/EVIL-1/reset", { type: "Soft" }).catch(
      (error: Error) => error.message,
    );
    const [, refused] = await evil.next();
    evil.send([4, refused, hostile, hostile, {}]);
    expect(await resetting).toContain("onerror");

    const { page } = await signedIn("operator", "/stations?identity=EVIL");
    const pages = [
      "/stations?identity=EVIL",
      `/stations/${evil.cpId}`,
      `/stations/${evil.cpId}/configuration`,
      `/stations/${evil.cpId}/charges`,
      `/stations/${evil.cpId}/log`,
      "/charges",
    ];
    const one = async (path: string) => (await api("GET", path)).items[0];
    const ofEvil = `/stations/${evil.cpId}/communication_log`;
    for (const action of ["DataTransfer", "Reset"])
      pages.push(`/stations/${evil.cpId}/exchange/${(await one(`${ofEvil}?action=${action}`)).entryId}`);
    pages.push(`/commands/${(await one("/remote_commands?cpId=EVIL-1&command=reset")).commandId}`);
    pages.push(`/charges/${(await one(`/transactions?cpId=${evil.cpId}`)).id}`);
    for (const path of pages) {
      await go(page, path);
      if (!path.endsWith("/log")) await page.getByText("onerror").first().waitFor();
      else await page.getByRole("link", { name: "DataTransfer" }).waitFor();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(await page.evaluate("window.hacked")).toBeUndefined();
    }
  });
});
