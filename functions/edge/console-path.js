// The console's viewer-request function (CloudFront Functions, JavaScript runtime 2.0). The console has one page, at
// the root: its pages are told apart by the fragment, which browsers do not send, and the address that the user pool
// sends users back to has to be exactly this one.

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by name
function handler(event) {
  const request = event.request;
  if (request.uri === "/") {
    request.uri = "/index.html";
    return request;
  }
  const name = request.uri.slice(request.uri.lastIndexOf("/") + 1);
  // A file that is missing is not answered by the page: a script would fail as HTML.
  if (name.includes(".") && request.uri !== "/index.html") return request;
  return {
    statusCode: 302,
    statusDescription: "Found",
    headers: { location: { value: "/" }, "cache-control": { value: "no-cache" } },
  };
}
