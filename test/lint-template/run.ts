/**
 * `npm run lint:template`: the synthesized templates under cfn-lint and `sam validate --lint`, neither of which
 * asks AWS or needs credentials. Needs Python 3.10 with venv and pip, which fetches both once.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import cdkJson from "../../cdk.json" with { type: "json" };
import { accountApp } from "../../infra/account/account-app.ts";
import { synthesize } from "../../infra/synth.ts";
import { withPythonTools } from "../support/python-tools.ts";
import { accountContexts, contexts } from "./contexts.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

await withPythonTools("lint:template", join(here, "requirements.txt"), lintAll);

async function lintAll(tools: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-lint-"));
  try {
    let findings = 0;
    const lintIn = (name: string, assembly: string) => {
      const templates = globSync(join(assembly, "*.template.json"));
      if (templates.length === 0) throw new Error(`${name}: nothing was synthesized`);
      for (const template of templates) findings += lint(tools, name, template);
    };
    for (const [name, context] of Object.entries(contexts)) {
      lintIn(name, await synthesize({ outdir: join(folder, name), context }));
    }
    for (const [name, given] of Object.entries(accountContexts)) {
      const context = { ...cdkJson.context, ...given };
      lintIn(name, accountApp({ outdir: join(folder, name), context }).synth().directory);
    }
    return findings > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns how many of the tools found something */
function lint(tools: string, name: string, template: string): number {
  const commands = [
    ["cfn-lint", "--template", template],
    ["sam", "validate", "--lint", "--template", template],
  ] as const;
  let failures = 0;
  for (const [command, ...args] of commands) {
    const { status, stdout, stderr, error } = spawnSync(join(tools, command), args, {
      cwd: here,
      encoding: "utf8",
      env: { ...withoutAws(), AWS_DEFAULT_REGION: "eu-central-1", SAM_CLI_TELEMETRY: "0" },
    });
    if (error) throw error;
    const isClean = status === 0;
    console.log(
      `${name}, ${basename(template, ".template.json")}: ${command} ${isClean ? "has nothing to say" : "complains:"}`,
    );
    if (!isClean) console.log(`${stdout}${stderr}`);
    failures += isClean ? 0 : 1;
  }
  return failures;
}

/** What a linter finds must not depend on whose machine it is. */
function withoutAws(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
}
