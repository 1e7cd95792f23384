import { Problem } from "../../problems.ts";
import { isDeeperThan } from "../../schema/depth.ts";
import type { ApiEvent, ApiMiddleware } from "../event.ts";

/** `application/json` or `…+json` (RFC 6839 §3.1), with parameters or without. */
const JSON_MEDIA_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i;

/** No body of the API needs as many levels, and what handles it may recurse. */
const NESTING_LIMIT = 64;

/**
 * What API Gateway makes of bytes that are no UTF-8, before the function sees the text. A client that means this
 * character can write it as an escape.
 */
const REPLACEMENT = "\ufffd";

/** Parses the body where the route has one. A body without a Content-Type is taken for JSON. */
export function jsonBody(): ApiMiddleware {
  const jsonBodyBefore: ApiMiddleware["before"] = ({ event }) => {
    if (!event.route.body || !event.body) return;
    const mediaType = event.headers["content-type"]?.trim();
    if (mediaType && !JSON_MEDIA_TYPE.test(mediaType)) {
      throw new Problem("unsupported-media-type", "The body must be sent as `application/json`.");
    }
    event.json = parse(event);
    if (isDeeperThan(NESTING_LIMIT, event.json)) {
      const errors = [{ pointer: "", detail: `is nested deeper than ${NESTING_LIMIT} levels` }];
      throw new Problem("invalid-request", "The body is nested too deeply.", { errors });
    }
  };

  return { before: jsonBodyBefore };
}

function parse({ body = "", isBase64Encoded }: ApiEvent): unknown {
  if (!isBase64Encoded && body.includes(REPLACEMENT)) {
    const errors = [{ pointer: "", detail: "is not UTF-8" }];
    throw new Problem("invalid-request", "The body is not UTF-8, the encoding of JSON.", { errors });
  }
  try {
    return JSON.parse(isBase64Encoded ? decode(body) : body);
  } catch (cause) {
    const members = { errors: [{ pointer: "", detail: "is not JSON" }] };
    throw new Problem("invalid-request", "The body is not valid JSON.", members, { cause });
  }
}

const decode = (body: string): string =>
  new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "base64"));
