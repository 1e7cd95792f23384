import createClient from "openapi-fetch";
import type { Config } from "../config.ts";
import type { Session } from "../session/session.ts";
import { createStore, type Store } from "../store.ts";
import { ApiProblem, ApiUnreachable } from "./problem.ts";
import type { components, paths } from "./schema.d.ts";

export type Schemas = components["schemas"];

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An answer whose type the caller does not know beforehand. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly location: string | undefined;
  readonly etag: string | undefined;
}

export interface Api {
  readonly url: string;
  /** Typed by the OpenAPI document. It throws ApiProblem for every answer that is no success. */
  readonly client: ReturnType<typeof createClient<paths>>;
  /** Sends a request that is put together from the document at run time. */
  send(request: Request): Promise<Answer>;
  /** Whether the last request was left without an answer. */
  readonly unreachable: Store<boolean>;
}

export function createApi({ apiUrl }: Config, session: Session): Api {
  const url = apiUrl.replace(/\/$/, "");
  const unreachable = createStore(false);

  async function authorized(request: globalThis.Request): Promise<Response> {
    request.headers.set("authorization", `Bearer ${await session.token()}`);
    let response: Response;
    try {
      response = await fetch(request);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      unreachable.set(true);
      throw new ApiUnreachable(error);
    }
    unreachable.set(false);
    if (response.status === 401) session.expired.set(true);
    if (!response.ok) throw new ApiProblem(response.status, await bodyOf(response), response.headers);
    return response;
  }

  return {
    url,
    unreachable,
    client: createClient<paths>({ baseUrl: url, fetch: authorized }),
    async send({ method, path, body, headers = {}, signal }) {
      const response = await authorized(
        new globalThis.Request(url + path, {
          method,
          headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          ...(signal && { signal }),
        }),
      );
      return {
        status: response.status,
        body: await bodyOf(response),
        location: response.headers.get("location") ?? undefined,
        etag: response.headers.get("etag") ?? undefined,
      };
    },
  };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The body of a success; openapi-fetch declares it as optional, because it expects answers that are none. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  return data as NonNullable<T>;
}
