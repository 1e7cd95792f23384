// The station door's viewer-request function (CloudFront Functions, JavaScript runtime 2.0; at most 10 KB, no
// modules). A WebSocket API answers on its stage's path only, so what the station says in the path,
// /ocpp/{identity} or /ocpp/{networkId}/{identity}, moves into the query string.

// The WebSocket API's stage, put in when the stack is synthesized.
const STAGE = "{{stage}}";

const NOT_FOUND = { statusCode: 404, statusDescription: "Not Found" };

/**
 * CloudFront hands the path over as the viewer wrote it and passes the query on as it is written here, so each
 * segment is decoded once and encoded once: an identity may hold "&", "+" or "/" (as %2F) without becoming
 * another parameter or segment. Undefined where the escapes are no UTF-8.
 */
function reencode(segment) {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch (_malformed) {
    return undefined;
  }
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by name
function handler(event) {
  const request = event.request;
  const segments = request.uri.split("/").filter((segment) => segment !== "");
  if (segments.shift() !== "ocpp" || segments.length < 1 || segments.length > 2) return NOT_FOUND;

  const identity = reencode(segments.pop());
  const networkId = segments.length === 1 ? reencode(segments[0]) : "default";
  if (identity === undefined || networkId === undefined) return NOT_FOUND;

  request.uri = `/${STAGE}`;
  // A new object: nothing of the viewer's own query passes, under whatever spelling (%69dentity) it came.
  // The viewer's address rides along: behind CloudFront, API Gateway sees the edge's own.
  request.querystring = {
    identity: { value: identity },
    networkId: { value: networkId },
    source: { value: encodeURIComponent(event.viewer.ip) },
  };
  return request;
}
