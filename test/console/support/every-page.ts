import type { Page } from "playwright-core";
import { go } from "./console.ts";
import { api, station, until } from "./stack.ts";

/** The path of a page, and the beginning of a heading that is there when the page is. */
export type Place = readonly [path: string, heading: string];

/** Every page of the console by name, with something on each. */
export async function everyPage(): Promise<Readonly<Record<string, Place>>> {
  const [first, second] = await Promise.all([
    station("DEPOT-7-A", {}, { name: "Depot 7, left", tags: ["depot-7"] }),
    station("DEPOT-7-B", { protocol: "ocpp2.0.1" }, { tags: ["depot-7"] }),
    api("POST", "/stations", { identity: "TOWN-HALL", tags: ["city", "depot-7"] }).catch(() => {}),
    api("PUT", "/rates/day", {
      currency: "EUR",
      priceText: "0.45 €/kWh",
      translations: { de: "0,45 €/kWh" },
    }),
    api("PUT", "/tokens/0A1B2C3D", { status: "Accepted", groupId: "FLEET-7", note: "Spare card" }),
    api("PUT", "/webhooks/events", { url: "http://127.0.0.1:9/hook", events: ["bulk.completed"] }),
  ]);
  const [, attempt, bulk] = await Promise.all([
    api("POST", `/remote_commands/synchronous/${first.cpId}/get_configuration`, {}),
    api("POST", "/remote_commands/asynchronous/remote_start_attempt", {
      ...{ cpId: second.cpId, idTag: "0A1B2C3D", connector: "1:1" },
    }),
    api("POST", "/remote_commands/bulk", {
      command: "get_configuration",
      stations: { filter: { tag: "depot-7" } },
    }),
  ]);
  const one = async (path: string) => (await api("GET", path)).items[0];
  const charge = await until(() => one(`/transactions?cpId=${second.cpId}`));
  const boot = await one(`/stations/${first.cpId}/communication_log?action=BootNotification`);
  const command = await one(`/remote_commands?cpId=${first.cpId}&command=get_configuration`);
  const of = (path: string) => `/stations/${first.cpId}${path}`;
  return {
    stations: ["/stations?tag=depot-7", "Stations"],
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
    "new rate": ["/rates/new", "Create a rate"],
    rate: ["/rates/day", "Rate day"],
    tokens: ["/tokens", "Tokens"],
    token: ["/tokens/0A1B2C3D", "Token 0A1B2C3D"],
    webhooks: ["/webhooks", "Webhooks"],
    "new webhook": ["/webhooks/new", "Create a webhook"],
    webhook: ["/webhooks/events", "Webhook events"],
    networks: ["/networks", "Networks"],
    "new network": ["/networks/new", "Create a network"],
    network: ["/networks/default", "Network default"],
    "unknown address": ["/nowhere", "There is no such page"],
  };
}

/** Goes to a page, and waits until it is there with what it reads. */
export async function shown(page: Page, [path, heading]: Place): Promise<void> {
  await go(page, path);
  await page
    .getByRole("heading", { name: new RegExp(`^${heading}`) })
    .first()
    .waitFor();
  await page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: "hidden" });
}
