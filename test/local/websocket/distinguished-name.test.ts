import { expect, it } from "vitest";
import { rfc2253 } from "../../../local/websocket/distinguished-name.ts";

it.each([
  [[{ C: ["US"] }, { O: ["mTLS"] }, { CN: ["client.example"] }], "CN=client.example,O=mTLS,C=US"],
  [[{ CN: ["a"], OU: ["b"] }], "CN=a+OU=b"],
  [[{ CN: ["a", "b"] }], "CN=a+CN=b"],
  [[{ CN: ['#a,b+c"d\\e<f>g;h'] }], 'CN=\\#a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'],
  [[{ CN: [" a b "] }], "CN=\\ a b\\ "],
  [[{ CN: ["é\u0000"] }], "CN=\\C3\\A9\\00"],
  [[{ "1.2.3": ["x"] }], "1.2.3=x"],
  [[], ""],
])("writes %j as %s", (names, text) => {
  expect(rfc2253(names)).toBe(text);
});
