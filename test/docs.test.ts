import { readdir, readFile, stat } from "node:fs/promises";
import { expect, it } from "vitest";
import type { Route } from "../shared/http/route.ts";
import { routes } from "../shared/http/routes.ts";

/** A request line of docs/api.http, its variables taken for path parameters. */
const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) \{\{api\}\}(\S+)$/gm;

interface Asked {
  readonly method: string | undefined;
  readonly path: string;
}

/** The requests of docs/api.http. */
async function askedFor(): Promise<Asked[]> {
  const text = await readFile(new URL("../docs/api.http", import.meta.url), "utf8");
  return [...text.matchAll(REQUEST)].map(([, method, path = ""]) => ({
    method,
    path: path.split("?")[0] as string,
  }));
}

const isOf =
  (route: Route) =>
  ({ method, path }: Asked): boolean =>
    route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);

it("docs/api.http has a request for every operation", async () => {
  const asked = await askedFor();
  const missing = routes.filter((route) => !asked.some(isOf(route)));
  expect(missing.map(({ operationId }) => operationId)).toEqual([]);
});

it("docs/api.http asks for nothing but what the API has", async () => {
  const asked = await askedFor();
  const isServed = (request: Asked) =>
    request.path === "/oauth2/token" || routes.some((route) => isOf(route)(request));

  expect(asked.filter((request) => !isServed(request))).toEqual([]);
});

const root = new URL("../", import.meta.url);
const MAXIMUM_PICTURE_BYTES = 150_000;

/** The pictures that the README and the pages of docs/ show, by their paths from the root. */
async function picturesShown(): Promise<string[]> {
  const pages = (await readdir(new URL("docs/", root))).filter((name) => name.endsWith(".md"));
  const texts = ["README.md", ...pages.map((name) => `docs/${name}`)].map(async (page) => {
    const text = await readFile(new URL(page, root), "utf8");
    return [...text.matchAll(/!\[[^\]]*\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) =>
      new URL(target, new URL(page, root)).pathname.slice(root.pathname.length),
    );
  });
  return [...new Set((await Promise.all(texts)).flat())].sort();
}

it("docs/images has the pictures that the pages show, and no others", async () => {
  const files = await readdir(new URL("docs/images/", root));

  expect(await picturesShown()).toEqual(files.map((name) => `docs/images/${name}`).sort());
});

it("pictures of the pages have at most 150 KB", async () => {
  for (const path of await picturesShown())
    expect((await stat(new URL(path, root))).size, path).toBeLessThanOrEqual(MAXIMUM_PICTURE_BYTES);
});
