import { afterEach, describe, expect, it } from "vitest";
import { choose, closePages, expected, picture, signedIn, withBrowser } from "./support/console.ts";
import { api, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

describe("the list of stations", () => {
  it("finds a station by the beginning of its identity and keeps the filter in the address", async () => {
    await station("FIND-1");
    await station("OTHER-1");
    const { page } = await signedIn("operator");
    const search = page.getByRole("combobox", { name: /Find stations/ });
    await search.fill("FIND");
    await search.press("Enter");
    await page.getByRole("cell", { name: "OTHER-1" }).waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "FIND-1" }).click();
    await page.getByRole("heading", { name: "FIND-1" }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "FIND-1" }).waitFor();
    expect(page.url()).toMatch(/#\/stations\?identity=FIND$/);
  });

  it("of an empty fleet shows how to register the first station", async () => {
    const { page } = await signedIn("operator", "/log");
    await page.route("**/stations?*", (route) => route.fulfill({ json: { items: [] } }));
    await choose(page, "Stations");
    await page.getByText("No station is registered yet").waitFor();
    await page.getByText(/curl -X POST .*\/stations/).waitFor();
    await page.getByRole("link", { name: "Register the first station" }).waitFor();
    await picture(page, "empty fleet");
  });

  it("shows that the API does not answer, and recovers by itself", async () => {
    const one = await signedIn("viewer");
    const { page } = one;
    await page.route("**/stations?*", (route) => route.abort());
    await page.getByText("The API does not answer").first().waitFor();
    await picture(page, "API offline");
    await page.unroute("**/stations?*");
    await page.getByText("The API does not answer").first().waitFor({ state: "hidden" });
    expect(expected(one, /ERR_FAILED/)).toBeGreaterThan(0);
  });

  it("registers a station and shows its password once", async () => {
    await api("DELETE", "/stations/NEW-1").catch(() => {});
    const { page } = await signedIn("operator", "/stations/new");
    await page.getByRole("textbox", { name: "Identity" }).fill("NEW-1");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "NEW-1 is registered" }).waitFor();
    await page.getByText("The password is shown only now").waitFor();
    await picture(page, "registered station");
    await page.getByRole("link", { name: "Open the station" }).click();
    await page.getByRole("heading", { name: "NEW-1" }).waitFor();
    await page.getByText("offline").first().waitFor();
  });

  it("shows a problem of the API at the field that it is about", async () => {
    const one = await signedIn("operator", "/stations/new");
    const { page } = one;
    await page.getByRole("textbox", { name: "Identity" }).fill("with:colon");
    await page.getByRole("button", { name: "Register" }).click();
    await page.locator('input[aria-invalid="true"]').waitFor();
    expect(await page.getByRole("textbox", { name: "Identity" }).getAttribute("aria-invalid")).toBe("true");
    expect(expected(one, /status of 400/)).toBe(1);
  });
});

describe.each(["ocpp1.6", "ocpp2.0.1"] as const)("the page of a station of %s", (protocol) => {
  const identity = `PAGE-${protocol.slice(4)}`;

  it("reads the configuration, edits a value in place and applies it", async () => {
    const { cpId } = await station(identity, { protocol });
    const { page } = await signedIn("operator", `/stations/${cpId}/configuration`);
    await page.getByRole("button", { name: "Read from the station" }).click();
    const key = protocol === "ocpp1.6" ? "HeartbeatInterval" : "OCPPCommCtrlr.HeartbeatInterval";
    await page.getByRole("searchbox", { name: "Find keys and values" }).fill(key);
    await page.getByRole("button", { name: `Edit ${key}`, exact: true }).click();
    await page.getByRole("textbox", { name: `Value of ${key}` }).fill("777");
    await page.getByRole("button", { name: "Keep" }).click();
    await page.getByRole("button", { name: "Apply 1 change" }).click();
    await page.getByText("The station accepted the changes").waitFor();
    await picture(page, `changed configuration ${protocol}`);
    const { configurationKeys } = await api("GET", `/stations/${cpId}/configuration`);
    expect(configurationKeys).toContainEqual(expect.objectContaining({ key, value: "777" }));
  });

  it("resets the station and shows its answer with a link to the command", async () => {
    const { cpId } = await station(identity, { protocol });
    const { page } = await signedIn("operator", `/stations/${cpId}/commands/reset`);
    await page.getByRole("button", { name: "Type" }).click();
    await page.getByRole("option", { name: "Soft" }).click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('"Accepted"').waitFor();
    await picture(page, `answer of a command ${protocol}`);
    await page.getByRole("link", { name: "The command" }).click();
    await page.getByRole("heading", { name: "reset", exact: true }).waitFor();
    await page.getByRole("heading", { name: "Reset", exact: true }).waitFor();
  });
});

describe("the commands of a station", () => {
  it("that its version lacks cannot be chosen", async () => {
    const { cpId } = await station("OLD-1");
    const { page } = await signedIn("operator", `/stations/${cpId}/commands/setDisplayMessage`);
    await page.getByText("OCPP 1.6 does not have this command.").waitFor();
    expect(await page.getByRole("button", { name: "Send" }).count()).toBe(0);
  });
});
