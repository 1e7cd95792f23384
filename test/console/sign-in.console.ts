import { afterEach, describe, expect, it } from "vitest";
import {
  closePages,
  expected,
  homeUrl,
  openPage,
  picture,
  signedIn,
  signIn,
  withBrowser,
} from "./support/console.ts";
import { api, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

describe("a user of the console", () => {
  it("who is signed out comes to the page of a link after signing in", async () => {
    const { cpId } = await station("LINK-1");
    const { page } = await openPage(`/stations/${cpId}/log?action=BootNotification`);
    await page.getByRole("button", { name: "Sign in as operator" }).waitFor();
    await picture(page, "sign-in page");
    await signIn(page, "operator");
    await page.getByRole("heading", { name: "LINK-1" }).waitFor();
    await page.getByRole("link", { name: "BootNotification" }).waitFor();
    expect(page.url()).toBe(`${homeUrl()}#/stations/${cpId}/log?action=BootNotification`);
  });

  it("stays signed in after a reload, and leaves no code or token in the address or the history", async () => {
    const { page } = await openPage("/stations");
    await signIn(page, "viewer");
    await page.getByRole("heading", { name: "Stations" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Stations" }).waitFor();
    expect(page.url()).toBe(`${homeUrl()}#/stations`);
    const kept = await page.evaluate("[localStorage.length, document.cookie]");
    expect(kept).toEqual([0, ""]);
    const session = await page.context().newCDPSession(page);
    const { entries } = await session.send("Page.getNavigationHistory");
    expect(entries.length).toBeGreaterThan(1);
    for (const { url } of entries) expect(url).not.toMatch(/[?&#](code|access_token)=/);
  });

  it("signs out and is asked to sign in again", async () => {
    const { page } = await signedIn("admin");
    await page.getByRole("button", { name: /account and theme/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in as viewer" }).waitFor();
  });

  it("whose session ends is asked to sign in, and comes back to the same page", async () => {
    const one = await signedIn("operator", "/charges");
    const { page } = one;
    await page.getByRole("heading", { name: "Charges" }).waitFor();
    // The API refuses the token from here on, as it does when the user is signed out elsewhere.
    await page.route("**/transactions*", (route) =>
      route.fulfill({ status: 401, contentType: "application/json", body: '{"message":"Unauthorized"}' }),
    );
    await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    await picture(page, "session ended");
    await page.unroute("**/transactions*");
    await page.getByRole("button", { name: "Sign in again" }).click();
    await signIn(page, "operator");
    await page.getByRole("heading", { name: "Charges" }).waitFor();
    expect(page.url()).toBe(`${homeUrl()}#/charges`);
    expect(expected(one, /status of 401/)).toBeGreaterThan(0);
  });

  it("with the role viewer is offered nothing that writes, and reads which scope a command needs", async () => {
    const { cpId } = await station("VIEWED-1");
    const { page } = await signedIn("viewer", `/stations/${cpId}/configuration`);
    await page.getByRole("heading", { name: "Configuration" }).waitFor();
    expect(await page.getByRole("button", { name: "Read from the station" }).count()).toBe(0);
    await page.goto(`${homeUrl()}#/stations/${cpId}/commands/reset`);
    await page.getByText("Your role may read, but not send commands.").waitFor();
    expect(await page.getByRole("link", { name: "Networks" }).count()).toBe(0);
    expect((await api("GET", `/remote_commands?cpId=${cpId}`)).items).toEqual([]);
  });

  it("with the role viewer who sends a command anyway is refused with the scope that is missing", async () => {
    const { cpId } = await station("VIEWED-2");
    const one = await signedIn("viewer", `/stations/${cpId}/commands/clearCache`);
    const { page } = one;
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("needs the scope ocpp-relay/write:ocpp").waitFor();
    await page.getByText("Your role is viewer.").waitFor();
    await picture(page, "missing scope");
    expect(expected(one, /status of 403/)).toBe(1);
  });

  it("with the role operator reads on the networks page which scope it needs", async () => {
    const one = await signedIn("operator", "/networks");
    await one.page.getByText("needs the scope ocpp-relay/read:network").waitFor();
    expect(expected(one, /status of 403/)).toBeGreaterThan(0);
  });
});
