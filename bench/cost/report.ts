/** The tables of docs/cost.md, and the README's. */
import {
  assumed,
  type Bill,
  billOfDelivery,
  billOfFleet,
  billOfMonth,
  billOfNothing,
  billOfOperation,
  billOfServers,
  crossing,
  type Measured,
  profile,
  ratesOf,
  serversFor,
  totalOf,
} from "./model.ts";
import { type OperationName, operationNames } from "./operations.ts";
import { PRICES_OF, type PriceName, prices } from "./prices.ts";
import { quotas } from "./quotas.ts";
import { otherwise, recommended, recommendedNames, settings } from "./settings.ts";

const FLEETS = [100, 10_000, 1_000_000] as const;

const round = (value: number, digits: number) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const dollars = (value: number) =>
  `$${round(value, value >= 100 ? 0 : value >= 1 ? 2 : value >= 0.001 ? 4 : 6)}`;
const figure = (value: number) =>
  round(value, value >= 10 || Number.isInteger(value) ? 0 : value >= 1 ? 1 : 2);

/** @param words how many columns at the end are no figures */
const table = (head: readonly string[], rows: readonly (readonly string[])[], words = 0) =>
  [head, head.map((_, index) => (index === 0 || index >= head.length - words ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

/** What is paid for, put together as one thinks of it. */
const groups: Readonly<Record<string, readonly PriceName[]>> = {
  "connection minutes": ["connectionMinute"],
  "WebSocket messages": ["webSocketMessage"],
  Lambda: ["lambdaRequest", "lambdaGbSecond", "keptWarmGbSecond"],
  "DynamoDB writes and reads": ["writeUnit", "readUnit"],
  "DynamoDB storage, backup": ["storedGb", "backupGb"],
  logs: ["logGb"],
  "X-Ray": ["trace"],
  "API requests, events, timers, queues": ["httpRequest", "event", "schedule", "queueRequest"],
  "CloudFront, WAF requests, transfer": [
    "edgeRequest",
    "edgeFunction",
    "edgeInGb",
    "edgeOutGb",
    "webAclRequest",
    "outGb",
  ],
  "fixed: metrics, alarms, dashboard, web ACLs, secrets, key, API client": [
    "metric",
    "alarmMetric",
    "dashboard",
    "webAcl",
    "webAclRule",
    "secret",
    "key",
    "appClient",
    "token",
  ],
};
const share = (bill: Bill, names: readonly PriceName[]) =>
  names.reduce((sum, name) => sum + (bill[name] ?? 0), 0);

function fleets(measured: Measured): string {
  const bills = FLEETS.map((stations) => [stations, billOfFleet(measured, stations)] as const);
  const rows = Object.entries(groups).map(([name, names]) => [
    name,
    ...bills.map(([stations, bill]) => dollars(share(bill, names) / stations)),
  ]);
  const totals = bills.map(([stations, bill]) => `**${dollars(totalOf(bill) / stations)}**`);
  const months = bills.map(([, bill]) => dollars(totalOf(bill)));
  return table(
    ["a station, a month", ...FLEETS.map((stations) => `${round(stations, 0)} stations`)],
    [...rows, ["**a station, all**", ...totals], ["the fleet, a month", ...months]],
  );
}

const commands: readonly OperationName[] = [
  "get_configuration",
  "change_configurations",
  "reset",
  "unlock_connector",
  "raw_request",
  "sync_rate",
  "clear_cache",
  "bulk_command",
  "remote_start_attempt",
  "remote_stop",
  "read_command",
];

function operationsTable(measured: Measured, names: readonly OperationName[]): string {
  return table(
    ["", "DynamoDB requests", "write units, index", "read units", "invocations", "messages", "a million"],
    names.map((name) => {
      const { dynamodb, capacity, functions, messages } = measured.operations[name];
      const sum = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((total, count) => total + count, 0);
      return [
        name,
        String(sum(dynamodb)),
        `${capacity.writeUnits} + ${capacity.indexWriteUnits}`,
        String(capacity.readUnits),
        String(sum(functions)),
        String(messages),
        dollars(totalOf(billOfOperation(measured, name)) * 1e6),
      ];
    }),
  );
}

function alternative(measured: Measured): string {
  const rows = [10, ...FLEETS, 1000, 2000, 100_000].sort((one, other) => one - other);
  const frugal = recommended(measured);
  const from = (of: Measured, work: number) => {
    const at = crossing(of, work);
    return Number.isFinite(at) ? `from about **${round(at, 0)} stations** on` : "at no size up to a million";
  };
  const text = [
    `As machines go, servers are cheaper ${from(measured, 0)}; than the relay with the recommended settings, ${from(frugal, 0)}.`,
    `If people cost $500 a month more with servers (some hours), ${from(measured, 500)} and ${from(frugal, 500)}; if they cost $2,000 more, ${from(measured, 2000)} and ${from(frugal, 2000)}.`,
  ].join(" ");
  return `${table(
    ["stations", "serverless, a month", "recommended settings", "always on, a month", "what is on"],
    rows.map((stations) => {
      const { tasks, cpus, gb, database } = serversFor(stations);
      return [
        round(stations, 0),
        dollars(totalOf(billOfFleet(measured, stations))),
        dollars(totalOf(billOfFleet(frugal, stations))),
        dollars(totalOf(billOfServers(measured, stations))),
        `${tasks} tasks of ${cpus} vCPU, ${gb} GB; ${prices[database].per.split(" in ")[0]}`,
      ];
    }),
    1,
  )}\n\n${text}`;
}

/** The summary for the README. */
function summary(measured: Measured): string {
  const frugal = recommended(measured);
  const million = totalOf(billOfOperation(measured, "get_configuration")) * 1e6;
  const rows = FLEETS.map((stations) => {
    const fleet = totalOf(billOfFleet(measured, stations));
    const servers = totalOf(billOfServers(measured, stations));
    const less = totalOf(billOfFleet(frugal, stations));
    return [round(stations, 0), dollars(fleet), dollars(less), dollars(less / stations), dollars(servers)];
  });
  const text = [
    `A stack without a station is ${dollars(totalOf(billOfNothing(measured.fixed)))} a month, a million \`get_configuration\`s are ${dollars(million)}.`,
    `The recommended settings for large fleets are \`${recommendedNames.join("` and `")}\`.`,
    `As machines go, servers are cheaper from about ${round(crossing(measured, 0), 0)} stations on (with the recommended settings ${round(crossing(frugal, 0), 0)}); with $2,000 a month for the people who run them, from about ${round(crossing(measured, 2000), 0)} (${round(crossing(frugal, 2000), 0)}).`,
  ].join(" ");
  const head = ["stations", "a month", "recommended settings", "of that a station", "always on instead"];
  return `${table(head, rows)}\n\n${text}`;
}

function quotaTable(measured: Measured): string {
  const rates = FLEETS.map((stations) => ratesOf(measured, stations));
  return table(
    ["quota", "default", ...FLEETS.map((stations) => `at ${round(stations, 0)}`), "how it comes about"],
    quotas.map(({ name, limit, unit, page, need, note }) => [
      `[${name}](${page})`,
      `${round(limit, 0)} ${unit}`.trim(),
      ...rates.map((rate) => {
        const needed = need(rate);
        return needed > limit ? `**${figure(needed)}**` : figure(needed);
      }),
      note,
    ]),
    1,
  );
}

const priceTable = () =>
  table(
    ["price", "dollars", "page"],
    Object.values(prices).map(({ dollars: amount, per, page }) => [
      per,
      amount < 0.01 ? `${Number((amount * 1e6).toPrecision(6))} a million` : String(amount),
      page,
    ]),
    1,
  );

const profileTable = () =>
  table(
    ["a station does", "a day"],
    Object.entries(profile).map(([name, count]) => [name, figure(count)]),
  );

const assumptionTable = () =>
  table(
    ["assumed", ""],
    Object.entries(assumed).map(([name, value]) => [name, round(value, 0)]),
  );

/** What stands out, with its figures. */
function findings(measured: Measured): string {
  const fleet = billOfFleet(measured, 10_000);
  const part = (amount: number) => `${dollars(amount)} (${round((amount * 1e6) / totalOf(fleet), 0)} %)`;
  const connected = (fleet.connectionMinute ?? 0) / 10_000;
  const heartbeats = billOfMonth(measured, "Heartbeat");
  const messages = heartbeats.webSocketMessage ?? 0;
  const index = ratesOf(measured, 1).indexWriteUnits * 730 * 3600 * prices.writeUnit.dollars;
  return [
    "A station's month, and its share where there are 10,000:",
    "",
    `- **Being connected**: ${part(connected)}. Connection minutes cost the same with and without messages.`,
    `- **Heartbeats**: ${part(totalOf(heartbeats))}. ${round((profile.Heartbeat ?? 0) * (730 / 24), 0)} of them, each two messages (${part(messages)} in all), an invocation, a write unit, and a line in an access log.`,
    `- **A reconnect every two hours**, which API Gateway demands: ${part(totalOf(billOfMonth(measured, "reconnect")))}.`,
    `- **The indexes**: ${part(index)}. They hold keys: they are written when an exchange, a charge or an attempt is made, and not when it changes.`,
    `- **A token for every request** would be the dearest thing here: ${dollars(prices.token.dollars * 1e6)} for a million. A token is valid for an hour; keep it.`,
  ].join("\n");
}

/** What a change would make of the bill of 10,000 stations. */
function settingsTable(measured: Measured): string {
  const now = totalOf(billOfFleet(measured, 10_000));
  const row = (name: string, changed: Measured, words = "") => {
    const difference = totalOf(billOfFleet(changed, 10_000)) - now;
    return [`${name}${words}`, `${difference < 0 ? "−" : "+"}${dollars(Math.abs(difference))}`];
  };
  const all = recommended(measured);
  return table(
    ["10,000 stations, a month", dollars(now)],
    [
      ...Object.entries(settings).map(([name, change]) =>
        row(
          `\`-c ${name}\``,
          change(measured),
          (recommendedNames as readonly string[]).includes(name) ? ", recommended" : "",
        ),
      ),
      ...Object.entries(otherwise).map(([name, change]) => row(name, change(measured))),
      ["**with the recommended settings**", `**${dollars(totalOf(billOfFleet(all, 10_000)))}**`],
    ],
  );
}

const webhookOperations: readonly OperationName[] = ["DataTransfer", "DataTransfer_with_webhook"];

/** An event with and without a delivery, and what a delivery costs. */
function webhooks(measured: Measured): string {
  const [without, with_] = webhookOperations.map((name) => measured.operations[name]);
  const requests = ({ sqs = {} }: Partial<Measured["operations"]["DataTransfer"]> = {}) =>
    Object.values(sqs).reduce((sum, count) => sum + count, 0);
  const million = dollars(totalOf(billOfDelivery(measured)) * 1e6);
  const text = `A million deliveries that are accepted at the first attempt: **${million}**, ${requests(with_) - requests(without)} requests to SQS each among them.`;
  return `${operationsTable(measured, webhookOperations)}\n\n${text}`;
}

/** Each table by the name of its place in the page. */
export function tables(measured: Measured): Readonly<Record<string, string>> {
  return {
    summary: summary(measured),
    fleets: fleets(measured),
    recommended: fleets(recommended(measured)),
    findings: findings(measured),
    settings: settingsTable(measured),
    nothing: `A stack without a station: **${dollars(totalOf(billOfNothing(measured.fixed)))}** a month.`,
    commands: operationsTable(measured, commands),
    stations: operationsTable(
      measured,
      operationNames.filter((name) => ![...commands, ...webhookOperations].includes(name)),
    ),
    webhooks: webhooks(measured),
    alternative: alternative(measured),
    quotas: quotaTable(measured),
    profile: profileTable(),
    assumed: assumptionTable(),
    prices: `List prices in us-east-1 as known on ${PRICES_OF}. **Check them.**\n\n${priceTable()}`,
  };
}

/** The page with these tables between their marks, `<!-- cost:name -->` and `<!-- /cost -->`. */
export function fillIn(page: string, contents: Readonly<Record<string, string>>): string {
  return page.replace(/<!-- cost:(\w+) -->[\s\S]*?<!-- \/cost -->/g, (_, name: string) => {
    const content = contents[name];
    if (content === undefined) throw new Error(`there is no table ${name}`);
    return `<!-- cost:${name} -->\n${content}\n<!-- /cost -->`;
  });
}
