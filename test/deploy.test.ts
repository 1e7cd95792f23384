import { existsSync, readFileSync } from "node:fs";
import type { Node } from "constructs";
import { describe, expect, it } from "vitest";
import { readSettings } from "../infra/settings.ts";

const docs = new URL("../docs/", import.meta.url);
const page = readFileSync(new URL("deploy.md", docs), "utf8");

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

describe("docs/deploy.md", () => {
  it("lists every setting, and none that is not there", () => {
    const table = page.slice(page.indexOf("## All settings"));
    const rows = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)];
    const listed = rows.flatMap(([, keys = ""]) => keys.replaceAll("`", "").split(", "));

    expect(listed.sort()).toEqual(settings());
  });

  it.each(["deploy.md", "web-acl.md", "station-door.md", "operations.md", "runbook.md"])(
    "%s uses no setting that is not there",
    (name) => {
      const text = readFileSync(new URL(name, docs), "utf8");
      const used = [...text.matchAll(/-c ['"]?(\w+)=/g)].map(([, key]) => key);

      expect(used.filter((key) => ![...settings(), ...ofTheAccount].includes(key ?? ""))).toEqual([]);
    },
  );

  it("leads to pages that are there", () => {
    const links = [...page.matchAll(/\]\(([\w-]+\.md)(?:#[\w-]+)?\)/g)].map(([, file]) => file ?? "");

    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((file) => !existsSync(new URL(file, docs)))).toEqual([]);
  });
});
