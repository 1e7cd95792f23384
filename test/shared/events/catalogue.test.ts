import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../shared/event-types.ts";
import { eventCatalogue } from "../../../shared/events/catalogue.ts";
import { validate } from "../../../shared/schema/validate.ts";

const OF_ALL = ["eventId", "networkId", "cpId", "truncated"];

/** The table of docs/events.md: `UPDATE_DOCS=1 npx vitest run test/shared/events/catalogue.test.ts` writes it. */
function tableOfTypes(): string {
  const rows = EVENT_TYPES.map((type) => {
    const { when, data } = eventCatalogue[type];
    const members = Object.keys(data.properties)
      .filter((name) => !OF_ALL.includes(name))
      .map((name) => `\`${name}${data.required.includes(name) ? "" : "?"}\``);
    return `| \`${type}\` | ${when} | ${members.join(", ")} |`;
  });
  return ["| type | when | members of its own |", "|---|---|---|", ...rows].join("\n");
}

describe("the catalogue of events", () => {
  it.each(EVENT_TYPES)("has an example of %s that is as its schema promises", (type) => {
    const { data, example } = eventCatalogue[type];
    expect(validate(data, example)).toEqual([]);
    expect(Object.keys(example).filter((name) => !(name in data.properties))).toEqual([]);
  });

  it("is the table in docs/events.md", () => {
    const path = new URL("../../../docs/events.md", import.meta.url);
    const page = readFileSync(path, "utf8");
    const filled = page.replace(
      /(<!-- types -->\n)[\s\S]*?(\n<!-- end -->)/,
      (_, begin: string, end: string) => `${begin}${tableOfTypes()}${end}`,
    );
    if (process.env.UPDATE_DOCS) writeFileSync(path, filled);
    else expect(page).toBe(filled);
    expect(filled).toContain(tableOfTypes());
  });
});
