import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Node } from "constructs";
import { describe, expect, inject, it } from "vitest";
import cdkJson from "../cdk.json" with { type: "json" };
import { accountApp } from "../infra/account/account-app.ts";
import { readSettings } from "../infra/settings.ts";
import { contexts } from "./lint-template/contexts.ts";
import { templateOf } from "./support/stack.ts";

const docs = new URL("../docs/", import.meta.url);
const page = readFileSync(new URL("deploy.md", docs), "utf8");

/** What is to be typed in, in order: one text for each block, comments and what single quotes keep from the shell left out. */
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$|`([^`\n]+)`/gms)].map(([, block, inline = ""]) =>
  (block ?? inline).replace(/(^|\s)#.*$/gm, "$1").replaceAll(/'[^']*'/g, "''"),
);

/** Every context key that is looked at. */
function settings(): string[] {
  const asked = new Set<string>();
  const tryGetContext = (key: string) => {
    asked.add(key);
    return undefined;
  };
  readSettings({ tryGetContext } as unknown as Node);
  return [...asked].sort();
}

/** Those of infra/account/app.ts besides. */
const ofTheAccount = ["githubProvider", "repository", "stages"];

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

describe("docs/deploy.md", () => {
  it("lists every setting, and none that is not there", () => {
    const table = page.slice(page.indexOf("## All settings"));
    const rows = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)];
    const listed = rows.flatMap(([, keys = ""]) => keys.replaceAll("`", "").split(", "));

    expect(listed.sort()).toEqual(settings());
  });

  it.each(["deploy.md", "web-acl.md", "station-endpoints.md", "operations.md", "runbook.md"])(
    "%s uses no setting that is not there",
    (name) => {
      const text = readFileSync(new URL(name, docs), "utf8");
      const used = [...text.matchAll(/-c ['"]?(\w+)=/g)].map(([, key]) => key);

      expect(used.filter((key) => ![...settings(), ...ofTheAccount].includes(key ?? ""))).toEqual([]);
    },
  );

  it("uses no variable and no function before it is set", () => {
    const known = new Set(["aws", "curl", "jq"]);
    const missing: string[] = [];
    for (const line of blocks.flatMap((block) => block.split("\n"))) {
      const [, set, plus] = /^(?:export )?([A-Z_]+)(\+?)=/.exec(line) ?? [];
      const used = [...line.matchAll(/\$[({]?([A-Za-z_]\w*)/g)].map(([, name = ""]) => name);
      if (set !== undefined && plus === "+") used.push(set);
      missing.push(...used.filter((name) => !known.has(name)));
      const [, defined] = /^(\w+)\(\) \{/.exec(line) ?? [];
      for (const name of [set, defined]) if (name !== undefined) known.add(name);
    }

    expect(missing).toEqual([]);
    expect(known.size).toBeGreaterThan(15);
  });

  it("has commands that can be typed in as they are, the repository's address aside", () => {
    const blanks = blocks
      .filter((block) => block.includes("\n"))
      .join("")
      .match(/…|<[a-z][^<>\n]*>/gi);

    expect(blanks).toEqual(["<this repository>"]);
  });

  it("connects stations by options that there are, to the network that they were registered in", () => {
    const usage = readFileSync(new URL("../local/stations/cli.ts", import.meta.url), "utf8");
    const options = [...usage.matchAll(/^ {2}(--\w+)/gm)].map(([, option]) => option);
    const stations = blocks.join("\n").match(/^npm run station -- .*/gm) ?? [];

    expect(stations).toHaveLength(2);
    expect(page.indexOf("networks/acme")).toBeLessThan(page.indexOf("npm run station"));
    for (const station of stations) {
      expect(station).toContain("--network acme ");
      for (const option of station.match(/--\w+/g) ?? []) expect(options).toContain(option);
    }
  });

  describe("of the outputs", () => {
    const outputsOf = (template: object) => Object.keys((template as { Outputs?: object }).Outputs ?? {});
    const own = outputsOf(templateOf(contexts.everything).toJSON());
    const context = { ...cdkJson.context, repository: "acme/ocpp-relay", stages: "dev" };
    const outdir = join(inject("assembly"), "account");
    const { stacks } = accountApp({ context, outdir, treeMetadata: false }).synth();
    const all = [...own, ...stacks.flatMap(({ template }) => outputsOf(template))];

    it("lists all, and none that is not there", () => {
      const section = page.slice(page.indexOf("### Outputs"), page.indexOf("## 6."));
      const listed = [...section.matchAll(/`([A-Z]\w+)(<name>)?`/g)].flatMap(([, name = "", each]) =>
        each ? own.filter((output) => output.startsWith(name)) : name,
      );

      expect([...new Set(listed)].sort()).toEqual([...own].sort());
    });

    it("asks for none that is not there", () => {
      const asked = [
        ...page.matchAll(/\$\(output (\w+)\)|OutputKey=='(\w+)'|\boutput `(\w+)(<stage>)?`/g),
      ].map(([, own, ofTheAccount, named, each]) => own ?? ofTheAccount ?? `${named}${each ? "dev" : ""}`);

      expect(asked.length).toBeGreaterThan(10);
      expect(asked.filter((name) => !all.includes(name))).toEqual([]);
    });
  });

  it.each(["deploy.md", "cost.md"])("%s leads to pages and headings that are there", (name) => {
    const text = readFileSync(new URL(name, docs), "utf8");
    const links = [...text.matchAll(/\]\(([\w-]+\.md)(?:#([\w-]+))?\)/g)];
    const isThere = (file: string, heading: string | undefined) => {
      if (!existsSync(new URL(file, docs))) return false;
      const headings = readFileSync(new URL(file, docs), "utf8").match(/^#+ .*/gm) ?? [];
      return heading === undefined || headings.map(anchorOf).includes(heading);
    };

    expect(links.length).toBeGreaterThan(2);
    expect(links.filter(([, file = "", heading]) => !isThere(file, heading)).map(([link]) => link)).toEqual(
      [],
    );
  });
});
