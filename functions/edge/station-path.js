// The station endpoints' viewer-request function (CloudFront Functions, JavaScript runtime 2.0; at most 10 KB, no
// modules). A WebSocket API answers on its stage's path only, so the path of the station,
// /ocpp/{identity} or /ocpp/{networkId}/{identity}, moves into the query string.

// The WebSocket API's stage and this endpoint, "basic" or "certificate", put in when the stack is synthesized.
const STAGE = "{{stage}}";
const ENDPOINT = "{{endpoint}}";

const NOT_FOUND = { statusCode: 404, statusDescription: "Not Found" };

// CloudFront's headers about a client certificate. On the basic endpoint, any client could forge them.
const CERTIFICATE_HEADER = /^cloudfront-viewer-cert-/;

/**
 * CloudFront hands the path over as the viewer wrote it and passes the query on as it is written here, so each
 * segment is decoded once and encoded once: an identity may hold "&", "+" or "/" (as %2F) without becoming
 * another parameter or segment. Undefined where the escapes are no UTF-8.
 */
function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch (_malformed) {
    return undefined;
  }
}

/**
 * 1-48 characters, no colon, no control character: any other path belongs to no station and does not reach the authorizer. A character
 * beyond the first 65,536 is one, whether the runtime counts its two halves (ECMAScript) or not. Without a regular
 * expression: not every engine takes one that names halves.
 */
function isIdentity(text) {
  if (text === undefined) return false;
  let characters = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x3a || (code > 0x7e && code < 0xa0)) return false;
    if (code > 0xd7ff && code < 0xe000) {
      index += 1;
      const low = text.charCodeAt(index);
      if (code > 0xdbff || !(low > 0xdbff && low < 0xe000)) return false;
    }
    characters += 1;
  }
  return characters > 0 && characters <= 48;
}

function isNetworkId(text) {
  return text !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/.test(text);
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by name
function handler(event) {
  const request = event.request;
  const segments = request.uri.split("/").filter((segment) => segment !== "");
  if (segments.shift() !== "ocpp" || segments.length < 1 || segments.length > 2) return NOT_FOUND;

  const identity = decode(segments.pop());
  const networkId = segments.length === 1 ? decode(segments[0]) : "default";
  if (!isIdentity(identity) || !isNetworkId(networkId)) return NOT_FOUND;

  if (ENDPOINT === "basic") {
    for (const name in request.headers) {
      if (CERTIFICATE_HEADER.test(name)) delete request.headers[name];
    }
  }
  request.uri = `/${STAGE}`;
  // A new object: nothing of the viewer's own query passes, under whatever spelling (%69dentity) it came.
  // The viewer's address rides along: behind CloudFront, API Gateway sees the edge's own.
  request.querystring = {
    identity: { value: encodeURIComponent(identity) },
    networkId: { value: networkId },
    source: { value: encodeURIComponent(event.viewer.ip) },
  };
  return request;
}
