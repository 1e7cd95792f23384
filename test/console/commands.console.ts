import { afterEach, describe, expect, it } from "vitest";
import { choose, closePages, expected, picture, signedIn, withBrowser } from "./support/console.ts";
import { api, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

describe("a raw request", () => {
  it("with a payload that breaks the schema shows where, and is sent when it is mended", async () => {
    const { cpId } = await station("RAW-1");
    const one = await signedIn("operator", `/raw?station=${cpId}&action=TriggerMessage`);
    const { page } = one;
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    const payload = page.getByRole("textbox", { name: "Payload" });
    await payload.fill('{"requestedMessage": "Nothing"}');
    await page.getByText("The payload does not fit the schema").waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("The payload violates the OCPP schema").waitFor();
    await page.getByText("/requestedMessage").first().waitFor();
    await picture(page, "raw request with an error");
    await payload.fill('{"requestedMessage": "Heartbeat"}');
    await page.getByText("The payload does not fit the schema").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('"CALL_RESULT"').waitFor();
    expect(expected(one, /status of 422/)).toBe(1);
  });

  it("is written as a form of the schema of the station's version", async () => {
    const { cpId } = await station("RAW-2", { protocol: "ocpp2.0.1" });
    const { page } = await signedIn("operator", `/raw?station=${cpId}&action=GetVariables`);
    const add = page.getByRole("button", { name: /Add to get variable data/ });
    await add.waitFor();
    if ((await page.getByRole("button", { name: /Remove get variable data 1/ }).count()) === 0)
      await add.click();
    const names = page.getByRole("textbox", { name: /^Name/ });
    await names.nth(0).fill("OCPPCommCtrlr");
    await names.nth(1).fill("HeartbeatInterval");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText('"CALL_RESULT"').waitFor();
  });
});

describe("a command at the limit of the network", () => {
  it("is sent again after the time that the API asks for, and the page shows the wait", async () => {
    const { cpId } = await station("BUSY-1");
    const one = await signedIn("operator", `/stations/${cpId}/commands/clearCache`);
    const { page } = one;
    const problem = {
      type: "https://ocpp-relay.dev/problems/too-many-parallel-requests",
      ...{ title: "Too many parallel requests", status: 429, limit: 10, inUse: 10 },
    };
    await page.route(
      "**/clear_cache*",
      (route) =>
        route.fulfill({
          ...{ status: 429, headers: { "retry-after": "1" }, json: problem },
          contentType: "application/problem+json",
        }),
      { times: 2 },
    );
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("The network runs as many commands as it may").waitFor();
    await picture(page, "limit reached");
    await page.getByRole("link", { name: "The command" }).waitFor();
    expect(expected(one, /status of 429/)).toBe(2);
    expect((await api("GET", `/remote_commands?cpId=${cpId}`)).items).toHaveLength(1);
  });
});

describe("a bulk command", () => {
  it("goes to the stations of a filter and shows progress and results", async () => {
    let answer = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await station("BULK-1");
    await station("BULK-2", {
      handlers: { GetConfiguration: () => mayAnswer.then(() => ({ configurationKey: [], unknownKey: [] })) },
    });
    const { page } = await signedIn("operator", "/stations?identity=BULK");
    await page.getByRole("link", { name: "BULK-2" }).waitFor();
    await page.getByRole("link", { name: "Bulk command", exact: true }).click();
    await page.getByRole("button", { name: /^Command/ }).click();
    await page.getByRole("option", { name: "Get configuration" }).click();
    await page.getByRole("button", { name: "Send to the stations" }).click();
    await page.getByText("1 of 2").waitFor();
    await page.getByText("running", { exact: true }).first().waitFor();
    await picture(page, "running bulk command");
    answer();
    await page.getByText("2 of 2").waitFor();
    await page.getByText("completed").first().waitFor();
    const results = page.getByRole("table", { name: "Results" });
    await results.getByRole("link", { name: "BULK-1" }).waitFor();
    await results.getByRole("link", { name: "BULK-2" }).waitFor();
    await picture(page, "results of a bulk command");
  });
});

describe("resources of a network", () => {
  it("rates and tokens are created, found and deleted", async () => {
    for (const path of ["/rates/night", "/tokens/CARD-1"]) await api("DELETE", path).catch(() => {});
    const { page } = await signedIn("operator", "/rates/new");
    await page.getByRole("textbox", { name: "Rate ID" }).fill("night");
    await page.getByRole("textbox", { name: "Currency" }).fill("EUR");
    await page.getByRole("textbox", { name: "Price text", exact: true }).fill("0.25 EUR/kWh");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Rate night" }).waitFor();
    await choose(page, "Rates");
    await page.getByRole("link", { name: "night" }).waitFor();

    await choose(page, "Tokens");
    await page.getByRole("link", { name: "Add token" }).click();
    await page.getByRole("textbox", { name: "Token" }).fill("CARD-1");
    await page.getByRole("button", { name: /^Status/ }).click();
    await page.getByRole("option", { name: "Accepted" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Token CARD-1" }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    // other tests may have tokens of their own
    await page.getByRole("table", { name: "Tokens" }).waitFor();
    await page.getByRole("link", { name: "CARD-1" }).waitFor({ state: "detached" });
  });

  it("the limit of a network is changed by an admin", async () => {
    const { page } = await signedIn("admin", "/networks/default");
    const limit = page.getByRole("spinbutton", { name: /^Parallel requests/ });
    await limit.fill("12");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The network is saved.").waitFor();
    await page.getByText(/ of 12 in use$/).waitFor();
    expect(await api("GET", "/networks/default")).toMatchObject({ parallelRequests: 12 });
  });
});
