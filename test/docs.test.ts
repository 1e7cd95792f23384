import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { routes } from "../shared/http/routes.ts";

/** A request line of docs/api.http, its variables taken for path parameters. */
const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) \{\{api\}\}(\S+)$/gm;

it("docs/api.http asks for nothing but what the API has", async () => {
  const text = await readFile(new URL("../docs/api.http", import.meta.url), "utf8");
  const asked = [...text.matchAll(REQUEST)].map(([, method, path = ""]) => ({
    method,
    path: path.split("?")[0] as string,
  }));

  const isServed = ({ method, path }: (typeof asked)[number]) =>
    path === "/oauth2/token" ||
    routes.some(
      (route) =>
        route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );

  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((request) => !isServed(request))).toEqual([]);
});
