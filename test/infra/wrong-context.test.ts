import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("what the cdk command runs", () => {
  it.each([
    ["infra/app.ts", { tracing: "maybe" }, "context tracing=maybe: api, all or none\n"],
    ["infra/account/app.ts", { webAclRate: "1" }, "context webAclRate=1: a number from 10 on\n"],
  ])("%s tells of a setting that makes no sense in one line", (app, context, line) => {
    const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) };

    const { status, stderr } = spawnSync(process.execPath, [app], { cwd: root, env, encoding: "utf8" });

    expect(stderr).toBe(line);
    expect(status).toBe(1);
  });
});
