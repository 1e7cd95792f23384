import { describe, expect, it } from "vitest";
import type { ApiEvent } from "../../../shared/http/event.ts";
import { identifyCaller } from "../../../shared/http/middleware/identify-caller.ts";

/** The reader of a request whose token has these claims, as an HTTP API hands them over. */
async function readerOf(claims: Readonly<Record<string, unknown>>) {
  const event = { requestContext: { authorizer: { jwt: { claims } } } } as unknown as ApiEvent;
  const options = { networksOf: async () => ["north"], scopePrefix: "relay/", onResolved: () => {} };
  await identifyCaller(options).before?.({ event } as never);
  return event.caller.reader();
}

const all = { networks: ["north"] };
const own = { networks: ["north"], only: { clientId: "acme" } };

describe("identifyCaller", () => {
  it.each([
    ["the scope as text", { client_id: "acme", scope: "relay/write:ocpp relay/read:ocpp" }, all],
    ["the scope in a list", { azp: "acme", scp: "[relay/write:ocpp relay/read:ocpp]" }, all],
    ["a write scope alone", { client_id: "acme", scope: "relay/write:ocpp" }, own],
    ["the scope of another resource server", { client_id: "acme", scope: "other/read:ocpp read:ocpp" }, own],
    ["a longer scope", { client_id: "acme", scope: "relay/read:ocpp.more" }, own],
    ["no scope", { client_id: "acme" }, own],
  ])("lets a token with %s read what it may read", async (_, claims, reader) => {
    expect(await readerOf(claims)).toEqual(reader);
  });

  it("distinguishes the users of one client", async () => {
    const { only } = await readerOf({ client_id: "console", username: "ann", scope: "relay/write:ocpp" });
    expect(only).toEqual({ clientId: "console", user: "ann" });
  });
});
