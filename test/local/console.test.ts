import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConsoleOptions, createConsole } from "../../local/console.ts";
import { listen, serverOf, stop } from "../../local/listen.ts";
import { ownOriginOf } from "../../local/own-origin.ts";

let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-console-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Console</title>");
  await writeFile(join(folder, "favicon.svg"), "<svg/>");
  await writeFile(join(folder, "assets/index-Ab12.js"), "export {};");
});
afterAll(async () => {
  await Promise.all(servers.map(stop));
  await rm(folder, { recursive: true });
});

/** Serves the console. @returns how to ask it */
async function serve(options: Partial<ConsoleOptions> = {}) {
  const handler = createConsole({
    build: async () => folder,
    config: (origin) => ({ apiUrl: origin }),
    headers: { "content-security-policy": "default-src 'self'" },
    originOf: () => "http://127.0.0.1:8080",
    ...options,
  });
  const server = serverOf(handler);
  servers.push(server);
  const url = await listen(server, 0);
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { redirect: "manual", ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

describe("the console's files", () => {
  it.each([
    ["/console/", "text/html; charset=utf-8", "no-cache"],
    ["/console/?code=x&state=y", "text/html; charset=utf-8", "no-cache"],
    ["/console/favicon.svg", "image/svg+xml", "no-cache"],
    [
      "/console/assets/index-Ab12.js",
      "text/javascript; charset=utf-8",
      "public, max-age=31536000, immutable",
    ],
  ])("%s has its type, its caching and the headers of the distribution", async (path, type, caching) => {
    const get = await serve();

    const { status, headers } = await get(path);

    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe(type);
    expect(headers.get("cache-control")).toBe(caching);
    expect(headers.get("content-security-policy")).toBe("default-src 'self'");
  });

  it("are answered 304 to a browser that has them", async () => {
    const get = await serve();
    const etag = (await get("/console/")).headers.get("etag") ?? "";

    const { status, text } = await get("/console/", { headers: { "if-none-match": etag } });

    expect({ status, text }).toEqual({ status: 304, text: "" });
  });

  it("come without their content to HEAD", async () => {
    const get = await serve();

    const { status, headers, text } = await get("/console/", { method: "HEAD" });

    expect({ status, text, length: headers.get("content-length") }).toEqual({
      status: 200,
      text: "",
      length: "37",
    });
  });

  it.each(["/console", "/console/index.html", "/console/stations", "/console/stations/CP1"])(
    "%s leads to the one address of the page",
    async (path) => {
      const get = await serve();

      const { status, headers } = await get(path);

      expect([status, headers.get("location")]).toEqual([302, "/console/"]);
    },
  );

  it.each(["/console/assets/index-gone.js", "/console/..%2f..%2fpackage.json"])(
    "%s is not found",
    async (path) => {
      const get = await serve();

      const { status, headers } = await get(path);

      expect(status).toBe(404);
      expect(headers.get("cache-control")).toBe("no-store");
    },
  );

  it("take no other methods", async () => {
    const get = await serve();

    const { status, headers } = await get("/console/", { method: "POST" });

    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("config.json", () => {
  it("is that of the origin that the browser uses, and needs no build", async () => {
    const get = await serve({ build: () => new Promise(() => {}) });

    const { headers, text } = await get("/console/config.json");

    expect(JSON.parse(text)).toEqual({ apiUrl: "http://127.0.0.1:8080" });
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("no-cache");
  });

  it.each([
    ["localhost:8080", "http://localhost:8080"],
    ["localhost", "http://localhost"],
    ["127.0.0.1:9999", "http://127.0.0.1:9999"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["rebound.example:8080", "http://127.0.0.1:8080"],
    ["localhost.example:8080", "http://127.0.0.1:8080"],
    ["localhost:8080/path", "http://127.0.0.1:8080"],
  ])("takes the host %s as %s", async (host, origin) => {
    const request = { headers: { host } } as Parameters<typeof ownOriginOf>[0];

    expect(ownOriginOf(request, "http://127.0.0.1:8080")).toBe(origin);
  });
});

describe("the build of the console", () => {
  it("starts when a browser asks, once, and the browser is asked to wait", async () => {
    let builds = 0;
    const { promise, resolve } = Promise.withResolvers<string>();
    const get = await serve({
      build: () => {
        builds += 1;
        return promise;
      },
      patienceMs: 10,
    });
    expect(builds).toBe(0);

    const waiting = await Promise.all([get("/console/"), get("/console/")]);
    resolve(folder);
    const ready = await get("/console/");

    for (const { status, text } of waiting) {
      expect(status).toBe(503);
      expect(text).toContain('http-equiv="refresh"');
    }
    expect(ready.status).toBe(200);
    expect(builds).toBe(1);
  });

  it("is shown where it fails, and is tried again by the next request", async () => {
    let builds = 0;
    const get = await serve({
      build: async () => {
        builds += 1;
        if (builds === 1) throw new Error("no <main>");
        return folder;
      },
    });

    const failed = await get("/console/");
    const repeated = await get("/console/");

    expect(failed.status).toBe(500);
    expect(failed.text).toContain("no &lt;main&gt;");
    expect(repeated.status).toBe(200);
  });
});
