import { createServer, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen, stop } from "../../../local/listen.ts";
import { createPost } from "../../../shared/webhooks/post.ts";

const paths: string[] = [];

/** What the receiver does, by path. */
const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/accepts": (response) => response.writeHead(204).end(),
  "/redirects": (response) => response.writeHead(307, { location: "/accepts" }).end(),
  "/endless": (response) => {
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed) response.write("x".repeat(1024), () => setImmediate(more));
    };
    more();
  },
  "/headers": (response) => response.writeHead(200, { "x-long": "x".repeat(10_000) }).end(),
  "/silent": () => {},
  "/stuck": (response) => response.writeHead(202).write("x"),
  "/resets": (response) => response.destroy(),
};
const server = createServer(({ url = "" }, response) => {
  paths.push(url);
  answers[url]?.(response);
});
let root = "";

beforeAll(async () => {
  root = await listen(server, 0);
});
afterAll(async () => {
  server.closeAllConnections();
  await stop(server);
});

const clock = { now: () => 0 };
const send = (path: string, timeoutMs = 60_000) =>
  createPost({ clock, allowsLoopback: true, timeoutMs })(root + path, { "webhook-id": "e1" }, "{}");

describe("a request to a receiver", () => {
  it("returns the status of the response", async () => {
    expect(await send("/accepts")).toEqual({ status: 204, durationMs: 0 });
  });

  it("does not follow a redirect", async () => {
    paths.length = 0;

    expect(await send("/redirects")).toMatchObject({ status: 307 });
    expect(paths).toEqual(["/redirects"]);
  });

  it("ends when the body is longer than what is read of it", async () => {
    expect(await send("/endless")).toMatchObject({ status: 200 });
  });

  it("fails where the headers are larger than what is read of them", async () => {
    expect(await send("/headers")).toMatchObject({ error: "the request failed: HPE_HEADER_OVERFLOW" });
  });

  it("fails after its time without an answer", async () => {
    expect(await send("/silent", 50)).toEqual({ error: "no answer within 0.05 s", durationMs: 0 });
  });

  it("has the status of a response whose body never ends", async () => {
    expect(await send("/stuck", 2000)).toMatchObject({ status: 202 });
  });

  it("names the error of a connection that is reset", async () => {
    expect(await send("/resets")).toMatchObject({ error: "the request failed: ECONNRESET" });
  });

  it("is refused where this machine is not allowed", async () => {
    const { error } = await createPost({ clock })(`${root}/accepts`, {}, "{}");

    expect(error).toBe("the URL must begin with https://");
  });

  it("goes to the address that was checked, whatever the name resolves to", async () => {
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    const post = createPost({ clock, allowsLoopback: true, lookup });

    const named = root.replace("127.0.0.1", "localhost");
    expect(await post(`${named}/accepts`, {}, "{}")).toMatchObject({ status: 204 });
  });
});
