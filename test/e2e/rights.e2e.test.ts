import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateScheduleCommand, DeleteScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INDEX } from "../../shared/store/keys.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

let relay: RelayUnderTest;
const samFolder = mkdtempSync(join(tmpdir(), "rights-"));
/** The variables of each function's environments, by construct id without dashes. */
const variables = new Map<string, Record<string, string>>();
beforeAll(async () => {
  relay = await startRelay({ samFolder });
  const environments = JSON.parse(readFileSync(join(samFolder, "env.json"), "utf8"));
  // By logical id, which is the construct id without dashes and a hash.
  for (const [logicalId, one] of Object.entries<Record<string, string>>(environments)) {
    variables.set(logicalId.slice(0, -8), one);
  }
});
afterAll(async () => {
  await relay.stop();
  rmSync(samFolder, { recursive: true });
});

/** Clients as a function has them, with its credentials. */
function clientsOf(functionId: string) {
  const own = variables.get(functionId.replaceAll("-", "")) ?? {};
  const config = {
    region: own.AWS_REGION ?? "",
    credentials: {
      accessKeyId: own.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: "local",
      sessionToken: "local",
    },
    maxAttempts: 1,
  };
  const { dynamodb, scheduler, connections, lambda } = relay.local.endpoints;
  const local = (name: string) => own[name]?.replace("host.docker.internal", "127.0.0.1") ?? "";
  return {
    own,
    dynamodb: new DynamoDBClient({ ...config, endpoint: dynamodb }),
    scheduler: new SchedulerClient({ ...config, endpoint: scheduler }),
    connections: new ApiGatewayManagementApiClient({ ...config, endpoint: `${connections}/station` }),
    lambda: new LambdaClient({ ...config, endpoint: lambda }),
    events: new EventBridgeClient({ ...config, endpoint: local("AWS_ENDPOINT_URL_EVENTBRIDGE") }),
  };
}

const key = { pk: { S: "NETWORK#default" }, sk: { S: "NETWORK" } };
const denied = (action: string) => ({
  name: "AccessDeniedException",
  message: expect.stringMatching(
    new RegExp(`^User: arn:aws:sts::.+ is not authorized to perform: ${action} on resource: arn:aws:`),
  ),
});
const target = (own: Record<string, string>, RoleArn = "arn:aws:iam::000000000000:role/other") => ({
  Name: "x",
  GroupName: own.SCHEDULE_GROUP,
  ScheduleExpression: "at(2099-01-01T00:00:00)",
  FlexibleTimeWindow: { Mode: "OFF" as const },
  Target: { Arn: "arn:aws:lambda:us-east-1:000000000000:function:x", RoleArn, Input: "{}" },
});

describe("a function's credentials", () => {
  it("are other ones for each function", () => {
    const keys = [...variables.values()].map(({ AWS_ACCESS_KEY_ID: id }) => id);

    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(10);
  });

  it("read the table where the role may, and write nothing where it may not", async () => {
    const { dynamodb, own } = clientsOf("api-commands");
    const TableName = own.TABLE_NAME;

    await dynamodb.send(new GetItemCommand({ TableName, Key: key }));
    const put = dynamodb.send(new PutItemCommand({ TableName, Item: key }));

    await expect(put).rejects.toMatchObject(denied("dynamodb:PutItem"));
  });

  it("query no table where the role may only read items", async () => {
    const { dynamodb, own } = clientsOf("station-disconnect");
    const query = new QueryCommand({
      TableName: own.TABLE_NAME,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "x" } },
    });

    await expect(dynamodb.send(query)).rejects.toMatchObject(denied("dynamodb:Query"));
  });

  it("read the password hashes where stations are authenticated, and nowhere else", async () => {
    const { own, dynamodb } = clientsOf("station-authorize");
    const TableName = own.PASSWORD_TABLE_NAME;
    const reading = (client: DynamoDBClient) =>
      client.send(new BatchGetItemCommand({ RequestItems: { [String(TableName)]: { Keys: [key] } } }));

    await reading(dynamodb);
    for (const [id, one] of variables) {
      if (one.PASSWORD_TABLE_NAME !== undefined) continue;
      await expect(reading(clientsOf(id).dynamodb), id).rejects.toMatchObject(
        denied("dynamodb:BatchGetItem"),
      );
      const get = clientsOf(id).dynamodb.send(new GetItemCommand({ TableName, Key: key }));
      await expect(get, id).rejects.toMatchObject(denied("dynamodb:GetItem"));
    }
  });

  it("query the table, but no index where the role may only query the table", async () => {
    const { dynamodb, own } = clientsOf("station-message");
    const query = (index: object, name: string) =>
      dynamodb.send(
        new QueryCommand({
          TableName: own.TABLE_NAME,
          ...index,
          KeyConditionExpression: `${name} = :pk`,
          ExpressionAttributeValues: { ":pk": { S: "x" } },
        }),
      );

    await query({}, "pk");
    await expect(query({ IndexName: INDEX }, "gsi1pk")).rejects.toMatchObject(denied("dynamodb:Query"));
  });

  it("post to no connection where the role may not", async () => {
    const post = (id: string) =>
      clientsOf(id).connections.send(new PostToConnectionCommand({ ConnectionId: "abc=", Data: "x" }));

    await expect(post("api-commands")).rejects.toMatchObject({
      ...denied("execute-api:ManageConnections"),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(post("api-synchronous")).rejects.toMatchObject({ name: "GoneException" });
  });

  it("set no schedule where the role may not, and pass no other role than theirs", async () => {
    const { scheduler: none, own } = clientsOf("api-synchronous");
    const { scheduler, own: ofSetter } = clientsOf("api-asynchronous");
    const set = none.send(
      new CreateScheduleCommand(target({ ...own, SCHEDULE_GROUP: ofSetter.SCHEDULE_GROUP ?? "" })),
    );

    await expect(set).rejects.toMatchObject(denied("scheduler:CreateSchedule"));
    await expect(scheduler.send(new CreateScheduleCommand(target(ofSetter)))).rejects.toMatchObject(
      denied("iam:PassRole"),
    );
    await scheduler.send(new CreateScheduleCommand(target(ofSetter, ofSetter.SCHEDULE_ROLE)));
    await scheduler.send(new DeleteScheduleCommand({ Name: "x", GroupName: ofSetter.SCHEDULE_GROUP }));
  });

  it("touch no schedule of another group", async () => {
    const { scheduler } = clientsOf("api-asynchronous");

    await expect(scheduler.send(new DeleteScheduleCommand({ Name: "x" }))).rejects.toMatchObject(
      denied("scheduler:DeleteSchedule"),
    );
  });

  it("publish no event and invoke no function where the role may not", async () => {
    const { events, lambda } = clientsOf("api-commands");
    const { EVENT_BUS } = clientsOf("events-publish").own;
    const { BACKGROUND_FUNCTION } = clientsOf("api-synchronous").own;
    const entry = { EventBusName: EVENT_BUS, Source: "x", DetailType: "x", Detail: "{}" };

    await expect(events.send(new PutEventsCommand({ Entries: [entry] }))).rejects.toMatchObject(
      denied("events:PutEvents"),
    );
    await expect(
      lambda.send(
        new InvokeCommand({ FunctionName: BACKGROUND_FUNCTION, InvocationType: "Event", Payload: "{}" }),
      ),
    ).rejects.toMatchObject(denied("lambda:InvokeFunction"));
  });
});

describe("GET /_local/rights", () => {
  it("names a right as used from the first request on that took it", async () => {
    const rightsOf = async (id: string) => (await relay.get("/_local/rights")).body[id];
    const isPost = (right: string) =>
      right.startsWith("execute-api:ManageConnections") && right.includes("/POST/");
    const before = await rightsOf("api-raw");
    await relay.station("RIGHTS-1");

    const { status } = await relay.post("/ocpp/v2/raw-request", {
      action: "ClearCache",
      assetId: "RIGHTS-1",
      payload: {},
      async: false,
    });
    const after = await rightsOf("api-raw");

    expect(status).toBe(200);
    expect([before.used.some(isPost), before.unused.some(isPost)]).toEqual([false, true]);
    expect([after.used.some(isPost), after.unused.some(isPost)]).toEqual([true, false]);
  });
});
