import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openService } from "../../../shared/aws/service.ts";

let server: Server;
let endpoint: string;
let answer: RequestListener;
const received: IncomingMessage[] = [];

beforeEach(async () => {
  received.length = 0;
  server = createServer((request, response) => {
    received.push(request);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
const access = { service: "execute-api", region: "eu-central-1", credentials };

describe("a service", () => {
  it("is sent the request, signed, below the endpoint's own path", async () => {
    let body = "";
    answer = async (request, response) => {
      for await (const chunk of request) body += chunk;
      response.writeHead(202, { "x-told": "so" }).end("done");
    };
    const service = openService({ ...access, endpoint: `${endpoint}/stage/` });

    const answered = await service({
      method: "POST",
      path: "/things/a%3D",
      headers: { "x-amz-target": "T" },
      body: "é",
    });

    expect(answered).toMatchObject({ status: 202, body: "done", headers: { "x-told": "so" } });
    const [{ method, url, headers } = {} as IncomingMessage] = received;
    expect({ method, url, body }).toEqual({ method: "POST", url: "/stage/things/a%3D", body: "é" });
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
  });

  it("is used with what Lambda puts into the environment, and takes what is new there", async () => {
    vi.stubEnv("AWS_REGION", "eu-north-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "FIRST");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");
    answer = (_, response) => void response.end();
    const service = openService({ service: "dynamodb", endpoint });

    await service({ method: "POST", path: "/" });
    vi.stubEnv("AWS_ACCESS_KEY_ID", "SECOND");
    await service({ method: "POST", path: "/" });

    expect(received[0]?.headers.authorization).toMatch(/Credential=FIRST\/\d+\/eu-north-1\/dynamodb\//);
    expect(received[0]?.headers["x-amz-security-token"]).toBe("token");
    expect(received[1]?.headers.authorization).toMatch(/Credential=SECOND\//);
  });

  it("keeps its connection for the next request", async () => {
    answer = (_, response) => void response.end();
    const service = openService({ ...access, endpoint });

    await service({ method: "POST", path: "/" });
    await service({ method: "POST", path: "/" });

    expect(received[1]?.socket).toBe(received[0]?.socket);
  });

  it.each([
    ["before its answer", (request: IncomingMessage) => request.socket.destroy()],
    [
      "in its answer",
      ((_, response) => {
        response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy());
      }) satisfies RequestListener,
    ],
  ])("that breaks off %s rejects", async (_, breakOff) => {
    answer = breakOff;
    const service = openService({ ...access, endpoint });

    await expect(service({ method: "POST", path: "/" })).rejects.toThrow();
  });
});
