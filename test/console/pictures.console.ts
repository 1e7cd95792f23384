import { mkdir, writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { closePages, signedIn, withBrowser } from "./support/console.ts";
import { api, rawStation, station } from "./support/stack.ts";

withBrowser();
afterEach(closePages);

/** `UPDATE_PICTURES=1 npm run test:console -- pictures` writes the pictures of the README and of docs/console.md. */
const isUpdate = process.env.UPDATE_PICTURES === "1";
const folder = new URL("../../docs/images/", import.meta.url);
const MAXIMUM_BYTES = 150_000;

async function keep(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const bytes = await page.screenshot({ animations: "disabled" });
  expect(bytes.length, name).toBeLessThanOrEqual(MAXIMUM_BYTES);
  if (!isUpdate) return;
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.png`, folder), bytes);
}

/** A station of OCPP 1.6 that has booted, with the states of its connectors. */
async function charger(identity: string, about: object, states: readonly (readonly [string, string])[]) {
  const one = await rawStation(identity, about);
  const call = async (action: string, payload: object) => {
    one.send([2, crypto.randomUUID(), action, payload]);
    return await one.next();
  };
  await call("BootNotification", {
    ...{ chargePointVendor: "Northgrid", chargePointModel: "AC22-2", firmwareVersion: "4.2.1" },
  });
  for (const [place, [status, errorCode]] of states.entries())
    await call("StatusNotification", { connectorId: place + 1, status, errorCode });
  return { cpId: one.cpId, call };
}

const free = ["Available", "NoError"] as const;
const busy = ["Charging", "NoError"] as const;
const broken = ["Faulted", "GroundFailure"] as const;

let harbour: { readonly cpId: string };
let talker: { readonly cpId: string };

beforeAll(async () => {
  const west = { tags: ["west"] };
  const made = await Promise.all([
    station("HARBOUR-1", { protocol: "ocpp2.0.1" }, { name: "Harbour, quay 4", tags: ["harbour"] }),
    charger("PARK-WEST-1", west, [busy, free]),
    charger("PARK-WEST-2", west, [busy, busy]),
    charger("PARK-WEST-3", { ...west, name: "Park West, by the gate" }, [free, broken]),
    charger("CITY-HALL-1", { tags: ["city"] }, [free, free]),
    station("HARBOUR-2", {}, { name: "Harbour, quay 5", tags: ["harbour"] }),
    api("POST", "/stations", { identity: "CITY-HALL-2", tags: ["city"] }),
  ]);
  harbour = made[0];
  talker = made[3];
  await made[3].call("StatusNotification", {
    ...{ connectorId: 1, status: "Available", errorCode: "NoError", vendorId: "com.northgrid" },
    info: "door open since 2026-11-27T21:14:03Z, sensor D2, third report",
  });
});

describe("the pictures of the documentation", () => {
  it("show the stations", async () => {
    const { page } = await signedIn("operator", "/stations");
    await page.getByRole("link", { name: "PARK-WEST-3" }).waitFor();
    await page.getByText(/GroundFailure/).waitFor();
    await keep(page, "stations");
  });

  it("show an exchange whose request breaks the schema", async () => {
    const path = `/stations/${talker.cpId}/log?violations=true`;
    const { page } = await signedIn("operator", path);
    await page.getByRole("link", { name: "StatusNotification" }).click();
    await page.getByRole("note").first().waitFor();
    await keep(page, "exchange");
  });

  it("show a command with the answer of its station", async () => {
    const path = `/stations/${harbour.cpId}/commands/getConfiguration`;
    const { page } = await signedIn("operator", path);
    await page
      .getByRole("textbox", { name: /^Keys/ })
      .fill("OCPPCommCtrlr.HeartbeatInterval\nSampledDataCtrlr.TxUpdatedInterval");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("link", { name: "The command" }).waitFor();
    await keep(page, "command");
  });

  it("show an attempt in the dark theme", async () => {
    const { id } = await api("POST", "/remote_commands/asynchronous/remote_start_attempt", {
      ...{ cpId: harbour.cpId, idTag: "0A1B2C3D", connector: "1:1", stopMinutes: 90 },
    });
    const { page } = await signedIn("operator", `/attempts/${id}`, { colorScheme: "dark" });
    const line = page.getByRole("list", { name: "States of the attempt" });
    await line.getByText("started", { exact: true }).waitFor();
    await keep(page, "attempt");
  });
});
