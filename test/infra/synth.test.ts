import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { synthesize } from "../../infra/synth.ts";
import { stackOf } from "../support/stack.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-synth-"));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (assembly: string) => readFile(join(assembly, "ocpp-relay-prod.template.json"), "utf8");

describe("synthesize", () => {
  it("gives the same template in another folder, and passes cdk-nag and the CloudFormation schemas", async () => {
    // throws on a finding that is not acknowledged
    const assembly = await synthesize({ outdir: join(folder, "a", "b"), validate: true });

    expect(await read(assembly)).toBe(await read(inject("assembly")));
  });

  it("takes context as the command line does", async () => {
    const assembly = await synthesize({ outdir: join(folder, "dev"), context: { stage: "dev" } });

    expect(await readFile(join(assembly, "ocpp-relay-dev.template.json"), "utf8")).toContain(
      "ocpp-relay-dev",
    );
  });
});

describe("the acknowledged findings of cdk-nag", () => {
  it("are all still findings", () => {
    const stack = stackOf();
    const acknowledged = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.keys(data))
      .map((id) => id.replace(/^annotation::/i, ""));

    const pack = new AwsSolutionsChecks();
    Reflect.set(pack, "isAcknowledged", () => false); // private; without it the findings are what is left

    const findings = pack.validateScope(stack).violations.map(({ ruleName }) => ruleName);

    expect(acknowledged.length).toBeGreaterThan(0);
    expect(new Set(acknowledged)).toEqual(new Set(findings));
  });
});
