import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { synthesize, warnWithoutWebAcl } from "../../infra/synth.ts";
import { stackOf } from "../support/stack.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-synth-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** The assets' hashes with where each comes from. */
const readAssets = (assembly: string) => readFile(join(assembly, "ocpp-relay-prod.assets.json"), "utf8");
const read = (assembly: string) => readFile(join(assembly, "ocpp-relay-prod.template.json"), "utf8");

describe("synthesize", () => {
  it("passes cdk-nag and the CloudFormation schemas, and gives the same wherever, whenever and by whom it is run", async () => {
    vi.stubEnv("CDK_DEFAULT_ACCOUNT", "123456789012").stubEnv("CDK_DEFAULT_REGION", "ap-southeast-2");
    vi.stubEnv("AWS_REGION", "eu-west-3").stubEnv("AWS_PROFILE", "other").stubEnv("TZ", "Asia/Tokyo");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2031, 1, 1) });

    // throws on a finding that is not acknowledged
    const assembly = await synthesize({ outdir: join(folder, "else", "where"), validate: true });

    expect(await read(assembly)).toBe(await read(inject("assembly")));
    expect(await readAssets(assembly)).toBe(await readAssets(inject("assembly")));
  });

  it("passes them with all that can be asked for, too, and takes it as the command line does", async () => {
    const arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    const context = {
      stage: "dev",
      stationDomain: "ocpp.example.com",
      stationCertificate: arn,
      plainWs: "allowed",
      certificateDomain: "ocpp3.example.com",
      certificateDomainCertificate: arn,
      trustStore: "s3://acme-pki/stations.pem",
      originSecrets: "2,1",
      apiDomain: "api.example.com",
      apiCertificate: arn,
      consoleDomain: "console.example.com",
      consoleCertificateArn: arn,
    };

    const assembly = await synthesize({ outdir: join(folder, "full"), context, validate: true });

    const template = await readFile(join(assembly, "ocpp-relay-dev.template.json"), "utf8");
    expect(template).toContain("ocpp3.example.com");
  });
});

describe("warnWithoutWebAcl", () => {
  const warnings = (region: string | undefined, context: Readonly<Record<string, string>> = {}) => {
    const app = new App({ context, builtinCloudFormationValidation: false });
    const stack = new Stack(app, "stack");
    warnWithoutWebAcl(app, region);
    return Annotations.fromStack(stack).findWarning("*", Match.anyValue());
  };

  it("speaks where the region alone decides that there is none", () => {
    expect(warnings("eu-central-1")).toHaveLength(1);
  });

  it.each([
    ["us-east-1", {}],
    [undefined, {}],
    ["eu-central-1", { webAcl: "none" }],
  ])("is silent in %s with %j", (region, context) => {
    expect(warnings(region, context)).toEqual([]);
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
