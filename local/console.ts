/** The static files of the console, as the deployed distribution serves them, in a folder of the API's endpoint. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { type Answer, messagePage, waitingPage } from "./identity/page.ts";
import type { RequestHandler } from "./listen.ts";

/** Where the console is. */
export const CONSOLE_PATH = "/console/";

export interface ConsoleOptions {
  /** Builds the files if that is necessary. @returns their folder */
  readonly build: () => Promise<string>;
  /** `config.json` for the origin that the browser uses. */
  readonly config: (origin: string) => object;
  /** Those that the distribution adds to every response. */
  readonly headers: Readonly<Record<string, string>>;
  readonly originOf: (request: IncomingMessage) => string;
  /** A build that takes longer is announced by a page. @default 2 seconds: a stored build is read within them */
  readonly patienceMs?: number;
}

interface File {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/**
 * The console is built when a browser asks for it first: `npm start` does not wait for it, and a run without a browser
 * builds nothing. A build that failed is tried again by the next request.
 */
export function createConsole(options: ConsoleOptions): RequestHandler {
  const { build, config, headers, originOf, patienceMs = 2_000 } = options;
  let files: Promise<ReadonlyMap<string, File>> | undefined;

  async function built(): Promise<ReadonlyMap<string, File> | "building"> {
    files ??= build().then(readFolder);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<"building">((resolve) => {
      timer = setTimeout(resolve, patienceMs, "building");
    });
    try {
      return await Promise.race([files, patience]);
    } catch (error) {
      files = undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return async (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD", ...headers }).end();
      return;
    }
    const path = pathOf(request);
    if (path === undefined) return send(request, response, redirectHome());
    if (path === "config.json") {
      const body = JSON.stringify(config(originOf(request)));
      const type = { "content-type": "application/json", "cache-control": "no-cache" };
      return send(request, response, { status: 200, headers: { ...headers, ...type }, body });
    }
    let found: ReadonlyMap<string, File> | "building";
    try {
      found = await built();
    } catch (error) {
      const answer = messagePage(500, "The console could not be built", (error as Error).message);
      return send(request, response, answer);
    }
    if (found === "building") {
      return send(request, response, waitingPage("The console is being built", "This page opens it then."));
    }
    const file = found.get(path === "" ? "index.html" : path);
    if (file !== undefined) return sendFile(request, response, file, headers);
    // A page by a path of its own is not there; a file that is missing must not be answered by a page.
    if (extname(path) === "") return send(request, response, redirectHome());
    send(request, response, messagePage(404, "Not found", `The console has no file ${path}.`));
  };
}

/** @returns the path below the console's; undefined where the slash at its end is missing, or the path is the page's own name */
function pathOf(request: IncomingMessage): string | undefined {
  const path = request.url?.split("?")[0]?.slice(CONSOLE_PATH.length - 1) ?? "";
  return path.startsWith("/") && path !== "/index.html" ? path.slice(1) : undefined;
}

function readFolder(folder: string): ReadonlyMap<string, File> {
  const files = new Map<string, File>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).replaceAll(sep, "/");
    const bytes = readFileSync(file);
    files.set(path, {
      bytes,
      headers: {
        "content-type": types[extname(path)] ?? "application/octet-stream",
        // The build writes the hash of the content into the names of these.
        "cache-control": path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
      },
    });
  }
  return files;
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, headers: own }: File,
  headers: Readonly<Record<string, string>>,
): void {
  if (request.headers["if-none-match"] === own.etag) {
    response.writeHead(304, { ...headers, ...own }).end();
    return;
  }
  response.writeHead(200, { ...headers, ...own, "content-length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

const redirectHome = (): Answer => ({
  status: 302,
  headers: { location: CONSOLE_PATH, "cache-control": "no-cache" },
  body: "",
});

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}
