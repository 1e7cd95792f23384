import { describe, expect, it } from "vitest";
import { accessesOf } from "../../../local/dynamodb/access.ts";
import { createGuard, type Principal, type Use } from "../../../local/rights/guard.ts";
import { reportRights } from "../../../local/rights/report.ts";
import { statementsOf } from "../../../local/rights/statements.ts";
import { createRights } from "../../../local/rights.ts";
import { loadAssembly, UnservableTemplate } from "../../../local/template.ts";
import { type Resources, writeAssembly } from "../fixtures/assembly.ts";

const tables = "arn:aws:dynamodb:eu-west-1:000000000000:table/";
const allow = (Action: string | string[], Resource: string | string[], rest: object = {}) => ({
  Statement: [{ Effect: "Allow", Action, Resource, ...rest }],
});
const principalWith = (document: object): Principal => ({
  id: "api-x",
  arn: "arn:aws:sts::000000000000:assumed-role/Role/api-x",
  accessKeyId: "ASIAX",
  statements: statementsOf(document, "p"),
});
const signed = "AWS4-HMAC-SHA256 Credential=ASIAX/20260101/eu-west-1/dynamodb/aws4_request, Signature=x";

function guardOf(document: object) {
  const uses: Use[] = [];
  return { uses, ...createGuard([principalWith(document)], (use) => uses.push(use)) };
}

describe("a guard", () => {
  it.each([
    ["the action on the resource", "dynamodb:GetItem", `${tables}state`, true],
    ["the action in other letters", "DynamoDB:getitem", `${tables}state`, true],
    ["a resource behind a trailing *", "events:PutEvents", "arn:bus/any", true],
    ["another action", "dynamodb:PutItem", `${tables}state`, false],
    ["another resource", "dynamodb:GetItem", `${tables}state/index/gsi1`, false],
    ["a resource that only begins so", "dynamodb:GetItem", `${tables}state2`, false],
  ])("decides about %s", (_name, action, resource, isAllowed) => {
    const { refusal } = guardOf({
      Statement: [
        ...allow("dynamodb:GetItem", `${tables}state`).Statement,
        ...allow("events:PutEvents", "arn:bus/*").Statement,
      ],
    });

    expect(refusal(signed, [{ action, resource }]) === undefined).toBe(isAllowed);
  });

  it("denies in AWS's words", () => {
    const { refusal } = guardOf(allow("dynamodb:GetItem", "x"));

    expect(refusal(signed, [{ action: "dynamodb:Scan", resource: "x" }])).toBe(
      "User: arn:aws:sts::000000000000:assumed-role/Role/api-x is not authorized to perform: dynamodb:Scan on resource: x because no identity-based policy allows the dynamodb:Scan action",
    );
  });

  it("denies all requests where one is denied, and reports none as used", () => {
    const { refusal, uses } = guardOf(allow("a:B", "x"));
    const requests = [
      { action: "a:B", resource: "x" },
      { action: "a:B", resource: "y" },
    ];

    expect(refusal(signed, requests)).toContain("resource: y");
    expect(uses).toEqual([]);
  });

  it.each([
    [{ "iam:passedtoservice": "scheduler.amazonaws.com" }, true],
    [{ "iam:passedtoservice": "lambda.amazonaws.com" }, false],
    [{}, false],
  ])("compares StringEquals with the request's context %o", (context, isAllowed) => {
    const Condition = { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } };
    const { refusal } = guardOf(allow("iam:PassRole", "role", { Condition }));

    expect(refusal(signed, [{ action: "iam:PassRole", resource: "role", context }]) === undefined).toBe(
      isAllowed,
    );
  });

  it("allows a caller whose access key belongs to no role", () => {
    const { refusal } = guardOf(allow("a:B", "x"));

    expect(refusal(signed.replace("ASIAX", "mine"), [{ action: "c:D", resource: "y" }])).toBeUndefined();
  });

  it("reports each right once", () => {
    const { refusal, uses } = guardOf(allow("a:B", "x*"));

    for (const resource of ["x1", "x2"]) refusal(signed, [{ action: "a:B", resource }]);

    expect(uses).toEqual([{ id: "api-x", action: "a:B", resource: "x*" }]);
  });
});

describe("the report of rights", () => {
  it("names used and unused ones, without those of the platform", () => {
    const document = {
      Statement: [...allow(["a:B", "a:C"], ["x", "y"]).Statement, ...allow("logs:Put", "z").Statement],
    };

    const report = reportRights([principalWith(document)], [{ id: "api-x", action: "a:C", resource: "x" }]);

    expect(report).toEqual({ "api-x": { used: ["a:C x"], unused: ["a:B x", "a:B y", "a:C y"] } });
  });
});

describe("a policy of another form stops the start:", () => {
  it.each([
    ["a Deny", { Statement: { Effect: "Deny", Action: "a:B", Resource: "x" } }, "the effect Deny"],
    [
      "another operator",
      allow("a:B", "x", { Condition: { StringLike: { k: "v" } } }),
      "the condition StringLike",
    ],
    ["a * in the middle", allow("a:B", "x*y"), "the pattern x*y"],
    ["a ?", allow("a:B?", "x"), "the pattern a:B?"],
    ["a policy variable", allow("a:B", `x/$${"{aws:username}"}`), "the pattern x/"],
    ["NotAction", { Statement: { Effect: "Allow", NotAction: "a:B", Resource: "x" } }, "NotAction"],
    ["no resource", { Statement: { Effect: "Allow", Action: "a:B" } }, "no Resource"],
  ])("%s", (_name, document, what) => {
    expect(() => statementsOf(document, "thePolicy")).toThrow(UnservableTemplate);
    expect(() => statementsOf(document, "thePolicy")).toThrow(`Policy thePolicy has ${what}`);
  });
});

describe("DynamoDB authorizes", () => {
  it.each([
    ["a query of the table", "Query", { TableName: "state" }, ["dynamodb:Query state"]],
    [
      "a query of an index, on the index alone",
      "Query",
      { TableName: "state", IndexName: "gsi1" },
      ["dynamodb:Query state/index/gsi1"],
    ],
    [
      "a batch, on each table",
      "BatchGetItem",
      { RequestItems: { one: {}, two: {} } },
      ["dynamodb:BatchGetItem one", "dynamodb:BatchGetItem two"],
    ],
    [
      "a transaction, by its actions",
      "TransactWriteItems",
      { TransactItems: [{ Put: { TableName: "one" } }, { ConditionCheck: { TableName: "two" } }] },
      ["dynamodb:PutItem one", "dynamodb:ConditionCheckItem two"],
    ],
    ["a table by its ARN", "GetItem", { TableName: `${tables}state` }, ["dynamodb:GetItem state"]],
  ])("%s", (_name, operation, body, expected) => {
    const found = accessesOf(`DynamoDB_20120810.${operation}`, body, tables);

    expect(found.map(({ action, resource }) => `${action} ${resource.replace(tables, "")}`)).toEqual(
      expected,
    );
  });
});

describe("the roles of a template", () => {
  const role = (service = "lambda.amazonaws.com", rest: object = {}) => ({
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
      },
      ...rest,
    },
  });
  const fn = {
    code: "export const handler = () => 1;",
    properties: { Role: { "Fn::GetAtt": ["role", "Arn"] } },
  };
  const rightsOf = (resources: Resources) =>
    createRights(loadAssembly(writeAssembly({ functions: { fn }, resources })));
  const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "q" } };
  const onFailure = {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: {
      FunctionName: { Ref: "fnFn" },
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["queue", "Arn"] } } },
    },
  };

  it("give each function credentials of its own", () => {
    const { credentialsOf, principals } = rightsOf({ role: role() });

    expect(credentialsOf("fn").AWS_ACCESS_KEY_ID).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(principals).toMatchObject([{ id: "fn", statements: [] }]);
  });

  it.each([
    [
      "does not trust Lambda",
      { role: role("scheduler.amazonaws.com") },
      "lambda.amazonaws.com may not assume",
    ],
    ["lacks the right to the queue of its failures", { role: role(), queue, onFailure }, "sqs:SendMessage"],
    [
      "has a policy of AWS",
      { role: role("lambda.amazonaws.com", { ManagedPolicyArns: ["arn:aws:iam::aws:policy/x"] }) },
      "is not in the template",
    ],
  ])("stop the start where one %s", (_name, resources, message) => {
    expect(() => rightsOf(resources)).toThrow(UnservableTemplate);
    expect(() => rightsOf(resources)).toThrow(message);
  });
});
