import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Credentials, sign } from "../../../shared/aws/signature.ts";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** Sends nothing and keeps what a client of the SDK would have sent, signed. */
class Capture {
  sent: Sent | undefined;
  readonly metadata = { handlerProtocol: "http/1.1" };

  async handle(request: Sent): Promise<never> {
    this.sent = request;
    throw new Error("nothing is sent");
  }
}

const region = "eu-central-1";
const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
    sessionToken: fc.base64String({ minLength: 8 }),
  },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);

/** The same request, signed by us in the same second. */
function signedByUs({ method, path, headers, body }: Sent, service: string, keys: Credentials): string {
  const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
  const ours = names.filter((name) => name !== "x-amz-date" && name !== "x-amz-security-token");
  const at = headers["x-amz-date"]?.replace(/(....)(..)(..)T(..)(..)(..)Z/, "$1-$2-$3T$4:$5:$6Z") ?? "";
  const signed = sign(
    {
      method,
      path,
      headers: Object.fromEntries(ours.map((name) => [name, headers[name] ?? ""])),
      body: typeof body === "string" ? body : new TextDecoder().decode(body),
    },
    { service, region, credentials: keys },
    new Date(at),
  );
  return signed.authorization ?? "";
}

describe("a signature", () => {
  it("is the one that the SDK's DynamoDB client gives the same request", async () => {
    await fc.assert(
      fc.asyncProperty(credentials, fc.string(), async (keys, text) => {
        const capture = new Capture();
        const client = new DynamoDBClient({
          region,
          credentials: keys,
          requestHandler: capture,
          maxAttempts: 1,
        });

        await client.send(new PutItemCommand({ TableName: "t", Item: { pk: { S: text } } })).catch(() => {});

        const sent = capture.sent as Sent;
        expect(signedByUs(sent, "dynamodb", keys)).toBe(sent.headers.authorization);
      }),
      { numRuns: 50 },
    );
  });

  it("is the one that the SDK's management client gives the same request, whatever the path", async () => {
    await fc.assert(
      fc.asyncProperty(credentials, fc.string({ minLength: 1 }), fc.string(), async (keys, id, text) => {
        const capture = new Capture();
        const client = new ApiGatewayManagementApiClient({
          endpoint: "https://api.example/station",
          region,
          credentials: keys,
          requestHandler: capture,
          maxAttempts: 1,
        });

        await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: text })).catch(() => {});

        const sent = capture.sent as Sent;
        expect(signedByUs(sent, "execute-api", keys)).toBe(sent.headers.authorization);
      }),
      { numRuns: 50 },
    );
  });
});
