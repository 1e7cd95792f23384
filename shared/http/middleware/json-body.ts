import { Problem } from "../../problems.ts";
import { isDeeperThan } from "../../schema/depth.ts";
import type { ApiEvent, ApiMiddleware } from "../event.ts";

/** `application/json` or `…+json` (RFC 6839 §3.1), with parameters or without. */
const JSON_MEDIA_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i;

const CSV_MEDIA_TYPE = /^text\/csv\s*(?:;|$)/i;

/** No body of the API needs as many levels, and what handles it may recurse. */
const NESTING_LIMIT = 64;

/**
 * What API Gateway makes of bytes that are no UTF-8, before the function sees the text. A client that means this
 * character can write it as an escape.
 */
const REPLACEMENT = "\ufffd";

/** Parses the body where the route has one: JSON, or CSV where the route takes it. Without a Content-Type, JSON. */
export function jsonBody(): ApiMiddleware {
  const jsonBodyBefore: ApiMiddleware["before"] = async ({ event }) => {
    const { body, csv } = event.route;
    if (!body || !event.body) return;
    const mediaType = event.headers["content-type"]?.trim();
    if (csv && mediaType && CSV_MEDIA_TYPE.test(mediaType)) {
      const { bodyOfCsv } = await import("../csv.ts");
      event.json = bodyOfCsv(textOf(event, "CSV"), csv);
      return;
    }
    if (mediaType && !JSON_MEDIA_TYPE.test(mediaType)) {
      const types = csv ? "`application/json` or `text/csv`" : "`application/json`";
      throw new Problem("unsupported-media-type", `The body must be sent as ${types}.`);
    }
    event.json = parse(event);
    if (isDeeperThan(NESTING_LIMIT, event.json)) {
      const errors = [{ pointer: "", detail: `is nested deeper than ${NESTING_LIMIT} levels` }];
      throw new Problem("invalid-request", "The body is nested too deeply.", { errors });
    }
  };

  return { before: jsonBodyBefore };
}

function parse(event: ApiEvent): unknown {
  const text = textOf(event, "JSON");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const members = { errors: [{ pointer: "", detail: "is not JSON" }] };
    throw new Problem("invalid-request", "The body is not valid JSON.", members, { cause });
  }
}

/** @throws Problem `invalid-request` for bytes that are not UTF-8 */
function textOf({ body = "", isBase64Encoded }: ApiEvent, format: "JSON" | "CSV"): string {
  const notUtf8 = (cause?: unknown) => {
    const errors = [{ pointer: "", detail: "is not UTF-8" }];
    const detail =
      format === "JSON" ? "The body is not UTF-8, the encoding of JSON." : "The file is not UTF-8.";
    return new Problem("invalid-request", detail, { errors }, { cause });
  };
  if (!isBase64Encoded) {
    if (body.includes(REPLACEMENT)) throw notUtf8();
    return body;
  }
  try {
    return decode(body);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

const decode = (body: string): string =>
  new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "base64"));
