import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { openConnections } from "../../../shared/calls/post.ts";

const management = mockClient(ApiGatewayManagementApiClient);
const connections = openConnections("https://api.example/station");

beforeEach(() => management.reset());

const about = { message: "", $metadata: {} };

describe("a post", () => {
  it("hands the frame to API Gateway", async () => {
    management.on(PostToConnectionCommand).resolves({});

    await expect(connections.post("c", "[2]")).resolves.toBe("sent");

    expect(management.commandCalls(PostToConnectionCommand)[0]?.args[0].input).toEqual({
      ConnectionId: "c",
      Data: "[2]",
    });
  });

  it.each([
    ["gone", new GoneException(about)],
    ["throttled", new LimitExceededException(about)],
  ])("that was certainly not sent is %s", async (outcome, error) => {
    management.on(PostToConnectionCommand).rejects(error);

    await expect(connections.post("c", "[2]")).resolves.toBe(outcome);
  });

  it.each([
    ["a fault of API Gateway", Object.assign(new Error("Internal server error"), { $fault: "server" })],
    ["a time-out", Object.assign(new Error("socket hang up"), { name: "TimeoutError" })],
  ])("that ends in %s may have been sent or not, and is not repeated", async (_, error) => {
    management.on(PostToConnectionCommand).rejects(error);

    await expect(connections.post("c", "[2]")).resolves.toBe("unknown");

    expect(management.commandCalls(PostToConnectionCommand)).toHaveLength(1);
  });

  it.each([
    ["too large", new PayloadTooLargeException(about)],
    ["forbidden", new ForbiddenException(about)],
  ])("that is %s was refused, and not sent", async (_, error) => {
    management.on(PostToConnectionCommand).rejects(error);

    await expect(connections.post("c", "[2]")).resolves.toBe("refused");
  });
});

describe("closing a connection", () => {
  it("that is gone already is no error", async () => {
    management.on(DeleteConnectionCommand).rejects(new GoneException(about));

    await expect(connections.close("c")).resolves.toBeUndefined();
  });

  it("that is refused throws nothing, so that no handshake fails by it", async () => {
    management.on(DeleteConnectionCommand).rejects(new ForbiddenException(about));

    await expect(connections.close("c")).resolves.toBeUndefined();
  });
});
