import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly uses?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: object;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const expression = (text: string) => `\${{ ${text} }}`;
const textOf = (name: string) =>
  readFileSync(new URL(`../.github/workflows/${name}.yml`, import.meta.url), "utf8");
const workflow = (name: string): Workflow => parse(textOf(name));
const ci = workflow("ci");
const deploy = workflow("deploy");
const job = deploy.jobs.deploy as Job;
const step = (name: string) => job.steps?.find((candidate) => candidate.name === name);

describe("the workflows", () => {
  it.each(["ci", "deploy"])("%s may read the sources and stores no key", (name) => {
    expect(workflow(name).permissions).toEqual({ contents: "read" });
    expect(textOf(name)).not.toMatch(/secrets\.|access-key|AWS_ACCESS_KEY|AWS_SECRET/i);
    expect(workflow(name).concurrency).toHaveProperty("group");
  });

  it("take actions by version, from GitHub and AWS alone, and leave no token in the checkout", () => {
    const steps = [ci, deploy].flatMap(({ jobs }) => Object.values(jobs)).flatMap(({ steps = [] }) => steps);
    const actions = steps.filter(({ uses }) => uses !== undefined);

    expect(actions.length).toBeGreaterThan(5);
    for (const { uses, with: given } of actions) {
      expect(uses).toMatch(/^(actions|aws-actions)\/[\w-]+@v\d+$/);
      if (uses?.startsWith("actions/checkout")) expect(given).toEqual({ "persist-credentials": false });
    }
  });

  it("check a change with .ci/run, and with what it asks for", () => {
    const steps = ci.jobs.check?.steps ?? [];

    expect(Object.keys(ci.on)).toEqual(["push", "pull_request", "workflow_call"]);
    // What is asked for here is not to be left out without a word because a download failed.
    expect(steps.at(-1)).toEqual({ run: "bash .ci/run", env: { REQUIRE_ALL: "1" } });
    expect(steps.flatMap(({ with: given }) => given ?? [])).toEqual([
      { "persist-credentials": false },
      { "node-version": 24, cache: "npm" },
      { distribution: "temurin", "java-version": 17 },
      { "python-version": "3.12" },
    ]);
  });

  it("deploy what was checked, by hand or by tag, one at a time, as the stage's environment allows", () => {
    expect(deploy.on).toMatchObject({ workflow_dispatch: {}, push: { tags: ["v*"] } });
    expect(deploy.jobs.check).toEqual({ uses: "./.github/workflows/ci.yml" });
    expect(job.needs).toBe("check");
    expect(job.environment).toBe(expression("inputs.stage || 'prod'"));
    expect(deploy.concurrency["cancel-in-progress"]).toBe(false);
    expect(job.defaults).toEqual({ run: { shell: "bash" } });
  });

  it("let one job alone ask for a token, which AWS takes for a role", () => {
    const jobs = [...Object.values(ci.jobs), ...Object.values(deploy.jobs)];
    const credentials = job.steps?.find(({ uses }) => uses?.startsWith("aws-actions/"));

    expect(jobs.filter(({ permissions }) => permissions !== undefined)).toEqual([job]);
    expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(credentials?.with).toMatchObject({
      "role-to-assume": expression("vars.AWS_ROLE_ARN"),
      "aws-region": expression("vars.AWS_REGION"),
    });
  });

  it("show the difference before anything is changed, and change nothing where that is all", () => {
    const names = job.steps?.map(({ name }) => name).filter((name) => name !== undefined);

    expect(names).toEqual(["cdk synth", "cdk diff", "cdk deploy", "Outputs"]);
    expect(step("cdk deploy")?.run).toContain("--app cdk.out");
    expect(step("cdk diff")?.run).toContain("--app cdk.out");
    expect(step("cdk deploy")?.if).toBe(expression("!inputs.diff-only"));
  });

  it("hand each line of CDK_CONTEXT to cdk as it is", () => {
    const folder = mkdtempSync(join(tmpdir(), "ocpp-relay-workflow-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "npx"), `#!/bin/sh\nfor argument; do echo "<$argument>"; done\n`);
    chmodSync(join(folder, "npx"), 0o755);

    const output = execFileSync("bash", ["-eo", "pipefail", "-c", step("cdk synth")?.run ?? ""], {
      encoding: "utf8",
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        STAGE: "prod",
        CDK_CONTEXT: "clients=operator,acme\r\n\ntags=owner=charging; touch x,a=$(id)\n",
      },
    });

    expect(output.trim().split("\n")).toEqual(
      [
        "cdk",
        "synth",
        "--quiet",
        "-c",
        "stage=prod",
        "-c",
        "clients=operator,acme",
        "-c",
        "tags=owner=charging; touch x,a=$(id)",
      ].map((argument) => `<${argument}>`),
    );
  });
});
