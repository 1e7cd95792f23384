import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { clientSettings } from "../../shared/http-client.ts";

describe("a client of the SDK that retries", () => {
  it("has one retry on a new socket, however many of its sockets were closed while they were idle", async () => {
    const requestsOf = new WeakMap<Socket, number>();
    let areDead = false;
    let resets = 0;
    const server = createServer((request, response) => {
      const { socket } = request;
      const count = (requestsOf.get(socket) ?? 0) + 1;
      requestsOf.set(socket, count);
      if (areDead && count > 1) {
        resets++;
        return void socket.resetAndDestroy();
      }
      request.resume().on("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "eu-central-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      ...clientSettings(),
    });
    const read = () => client.send(new GetItemCommand({ TableName: "table", Key: { pk: { S: "a" } } }));
    try {
      await Promise.all(Array.from({ length: 8 }, read));
      areDead = true;

      await read();

      expect(resets).toBe(1);
    } finally {
      client.destroy();
      server.closeAllConnections();
      server.close();
    }
  });
});
