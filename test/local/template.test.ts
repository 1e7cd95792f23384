// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadAssembly, UnservableTemplate } from "../../local/template.ts";
import { functionId, type Resources, writeAssembly } from "./fixtures/assembly.ts";

/** What a property of a resource in a template comes to. */
function resolved(
  value: unknown,
  resources: Resources = {},
  sections: Record<string, unknown> = {},
): unknown {
  const template = loadAssembly(
    writeAssembly({
      resources: { ...resources, probe: { Type: "AWS::IAM::Role", Properties: { value } } },
      sections,
    }),
  );
  const [probe] = template.ofType("AWS::IAM::Role").filter(({ logicalId }) => logicalId === "probe");
  return probe && template.property(probe, "value");
}

describe("intrinsic functions", () => {
  const pool = { pool: { Type: "AWS::Cognito::UserPool" } };
  const sections = {
    Parameters: { Stage: { Type: "String", Default: "prod" }, Bare: { Type: "String" } },
    Mappings: { Sizes: { "eu-west-1": { memory: 512 } } },
    Conditions: {
      isProd: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] },
      isOther: { "Fn::Not": [{ Condition: "isProd" }] },
      either: { "Fn::Or": [{ Condition: "isProd" }, { Condition: "isOther" }] },
      both: { "Fn::And": [{ Condition: "isProd" }, { Condition: "isOther" }] },
    },
  };

  it.each([
    ["Ref to a parameter", { Ref: "Stage" }, "prod"],
    ["Ref to a pseudo parameter", { Ref: "AWS::Region" }, "eu-west-1"],
    ["Fn::Join", { "Fn::Join": ["/", ["a", { Ref: "Stage" }]] }, "a/prod"],
    ["Fn::Sub", { "Fn::Sub": "${Stage}-${AWS::AccountId}-${!literal}" }, "prod-000000000000-${literal}"],
    ["Fn::Sub with variables", { "Fn::Sub": ["${x}.${pool.Arn}", { x: { Ref: "Stage" } }] }, /^prod\.arn:/],
    ["Fn::Select and Fn::Split", { "Fn::Select": [1, { "Fn::Split": ["-", "a-b"] }] }, "b"],
    ["Fn::FindInMap", { "Fn::FindInMap": ["Sizes", { Ref: "AWS::Region" }, "memory"] }, 512],
    ["Fn::If", { "Fn::If": ["isProd", "yes", "no"] }, "yes"],
    ["Fn::If of a negated condition", { "Fn::If": ["isOther", "yes", "no"] }, "no"],
    ["Fn::Or and Fn::And", [{ "Fn::If": ["either", 1, 2] }, { "Fn::If": ["both", 1, 2] }], [1, 2]],
    ["AWS::NoValue", { a: 1, b: { Ref: "AWS::NoValue" } }, { a: 1 }],
    ["AWS::NoValue in a list", [1, { "Fn::If": ["isProd", { Ref: "AWS::NoValue" }, 2] }], [1]],
  ])("%s", (_name, value, expected) => {
    const result = resolved(value, pool, sections);

    if (expected instanceof RegExp) expect(result).toMatch(expected);
    else expect(result).toEqual(expected);
  });

  it.each([
    ["Fn::ImportValue", { "Fn::ImportValue": "x" }, /Fn::ImportValue cannot be resolved/],
    ["a Ref to nothing", { Ref: "Nobody" }, /Ref Nobody cannot be resolved/],
    ["a parameter without a default", { Ref: "Bare" }, /Ref Bare cannot be resolved/],
    ["an unknown attribute", { "Fn::GetAtt": ["pool", "Colour"] }, /Fn::GetAtt pool\.Colour cannot/],
    ["another dynamic reference", "{{resolve:ssm:/x}}", /dynamic reference to ssm \/x cannot/],
  ])("names what it cannot resolve: %s", (_name, value, message) => {
    expect(() => resolved(value, pool, sections)).toThrow(message);
    expect(() => resolved(value, pool, sections)).toThrow(UnservableTemplate);
  });
});

describe("a resource's names", () => {
  it("are the template's, or made up: the same in every load", () => {
    const resources = {
      api: { Type: "AWS::ApiGatewayV2::Api" },
      table: {
        Type: "AWS::DynamoDB::Table",
        Properties: { TableName: { "Fn::Sub": "${AWS::StackName}-t" } },
      },
      queue: { Type: "AWS::SQS::Queue" },
      fn: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "api-x" } },
      alias: { Type: "AWS::Lambda::Alias", Properties: { FunctionName: { Ref: "fn" }, Name: "warm" } },
    };
    const value = [
      { Ref: "api" },
      { "Fn::GetAtt": ["table", "Arn"] },
      { "Fn::GetAtt": ["queue", "Arn"] },
      { Ref: "queue" },
      { Ref: "alias" },
    ];

    expect(resolved(value, resources)).toEqual(resolved(value, resources));
    expect(resolved(value, resources)).toEqual([
      expect.stringMatching(/^[a-z0-9]{10}$/),
      "arn:aws:dynamodb:eu-west-1:000000000000:table/Fixture-t",
      "arn:aws:sqs:eu-west-1:000000000000:queue",
      "https://sqs.eu-west-1.amazonaws.com/000000000000/queue",
      "arn:aws:lambda:eu-west-1:000000000000:function:api-x",
    ]);
  });

  it("make secrets resolvable: one value per run, the same wherever it is used", () => {
    const reference = (key: string) => ({
      "Fn::Join": ["", ["{{resolve:secretsmanager:", { Ref: "secret" }, `:SecretString:${key}::}}`]],
    });
    const plain = {
      secret: { Type: "AWS::SecretsManager::Secret", Properties: { GenerateSecretString: {} } },
    };
    const framed = {
      secret: {
        Type: "AWS::SecretsManager::Secret",
        Properties: {
          GenerateSecretString: { SecretStringTemplate: '{"user":"u"}', GenerateStringKey: "pw" },
        },
      },
    };

    const [one, other] = resolved([reference(""), reference("")], plain) as string[];
    const [user, password] = resolved([reference("user"), reference("pw")], framed) as string[];

    expect(one).toBe(other);
    expect(one?.length).toBeGreaterThan(20);
    expect([user, password?.length]).toEqual(["u", 32]);
  });
});

describe("an assembly", () => {
  it("gives functions by their construct's id, with the folder of their code", () => {
    const template = loadAssembly(
      writeAssembly({ functions: { "api-x": { code: "export const handler = () => 1;" } } }),
    );

    const [resource] = template.ofType("AWS::Lambda::Function");
    if (resource === undefined) throw new Error("no function");

    expect(resource).toMatchObject({ constructId: "api-x", logicalId: functionId("api-x") });
    expect(template.ref(resource)).toBe("api-x");
    const folder = template.codeFolder(template.property<{ S3Key: string }>(resource, "Code") ?? {});
    expect(existsSync(`${folder}/index.mjs`)).toBe(true);
  });

  it("names the resources that have an effect on AWS and none here", () => {
    const template = loadAssembly(
      writeAssembly({
        resources: {
          alarm: { Type: "AWS::CloudWatch::Alarm" },
          bus: { Type: "AWS::Kinesis::Stream" },
        },
      }),
    );

    expect(template.notServed).toEqual(["not served locally: AWS::Kinesis::Stream bus"]);
  });

  it("leaves out resources whose condition is false", () => {
    const never = { Type: "AWS::SQS::Queue", Condition: "never" };
    const template = loadAssembly(
      writeAssembly({ resources: { never }, sections: { Conditions: { never: { "Fn::Equals": [1, 2] } } } }),
    );

    expect(template.ofType("AWS::SQS::Queue")).toEqual([]);
  });

  it("says so where there is none", () => {
    expect(() => loadAssembly("/nowhere")).toThrow("/nowhere holds no Cloud Assembly");
  });
});
