import { describe, expect, it } from "vitest";
import type { ApiEvent } from "../../../shared/http/event.ts";
import { identifyCaller, requireRole } from "../../../shared/http/middleware/identify-caller.ts";
import { routes } from "../../../shared/http/routes.ts";
import { scopes } from "../../../shared/http/scopes.ts";

type Claims = Readonly<Record<string, unknown>>;

/** The caller of a request whose token has these claims, as an HTTP API hands them over. */
async function callerOf(claims: Claims) {
  const event = { requestContext: { authorizer: { jwt: { claims } } } } as unknown as ApiEvent;
  const options = {
    networksOf: async () => ["north"],
    existingNetworks: async (networkIds: readonly string[]) => networkIds.filter((id) => id !== "gone"),
    scopePrefix: "relay/",
    onResolved: () => {},
  };
  await identifyCaller(options).before?.({ event } as never);
  return event.caller;
}

const readerOf = async (claims: Claims) => (await callerOf(claims)).reader();

const allScopes = Object.keys(scopes)
  .map((scope) => `relay/${scope}`)
  .join(" ");

/** The operations that a token with these claims is let through to. */
async function operationsOf(claims: Claims): Promise<string[]> {
  const open: string[] = [];
  for (const route of routes) {
    const event = { route, requestContext: { authorizer: { jwt: { claims } } } } as unknown as ApiEvent;
    try {
      await requireRole("relay/").before?.({ event } as never);
      open.push(route.operationId);
    } catch (error) {
      expect(error).toMatchObject({ slug: "forbidden" });
    }
  }
  return open;
}

/** The claims of a user who signed in to a client that may ask for all scopes. */
const userIn = (...groups: string[]) => ({
  client_id: "console",
  username: "ann",
  scope: allScopes,
  ...(groups.length > 0 && { "cognito:groups": `[${groups.join(" ")}]` }),
});

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
    const { only } = await readerOf({
      ...userIn("network:north", "role:operator"),
      scope: "relay/write:ocpp",
    });
    expect(only).toEqual({ clientId: "console", user: "ann" });
  });

  it("takes the networks of a user from the groups alone, and only networks that exist", async () => {
    const networksOf = async (...groups: string[]) => (await callerOf(userIn(...groups))).networks();
    expect(await networksOf("network:south", "role:viewer", "network:gone")).toEqual(["south"]);
    for (const groups of [[], ["role:admin"], ["network:gone"], ["north"], ["x[network:south]"]])
      await expect(networksOf(...groups)).rejects.toMatchObject({ slug: "no-network" });
  });

  it("lets a user without a role read only the user's own commands", async () => {
    expect(await readerOf(userIn("network:north"))).toMatchObject({ only: { user: "ann" } });
    expect(await readerOf(userIn("network:north", "role:viewer"))).toEqual(all);
  });
});

describe("requireRole", () => {
  const ids = (isOpen: (route: (typeof routes)[number]) => boolean) =>
    routes
      .filter((route) => route.scopes.length === 0 || isOpen(route))
      .map(({ operationId }) => operationId);
  const some = (route: (typeof routes)[number], test: (scope: string) => boolean) =>
    (route.scopes as readonly string[]).some(test);
  const isOfNetworks = (scope: string) => scope.endsWith(":network");

  it("lets a viewer read, an operator write, and an admin change networks", async () => {
    const viewer = ids((route) => some(route, (scope) => scope.startsWith("read:") && !isOfNetworks(scope)));
    const operator = ids((route) => some(route, (scope) => !isOfNetworks(scope)));
    expect(await operationsOf(userIn("role:viewer"))).toEqual(viewer);
    expect(await operationsOf(userIn("role:operator"))).toEqual(operator);
    expect(await operationsOf(userIn("role:admin"))).toEqual(ids(() => true));
    expect(viewer.length).toBeLessThan(operator.length);
    expect(operator.length).toBeLessThan(routes.length);
  });

  it("refuses a user without a role everything that asks for a token", async () => {
    for (const groups of [[], ["network:north"], ["role:other"], ["viewer"]])
      expect(await operationsOf(userIn(...groups))).toEqual(ids(() => false));
  });

  it("grants by a role only what the token's scopes grant, too", async () => {
    const claims = { ...userIn("role:viewer"), scope: "relay/write:ocpp" };
    expect(await operationsOf(claims)).toEqual(ids(() => false));
  });

  it("leaves the tokens of clients to the authorizer of API Gateway", async () => {
    expect(await operationsOf({ client_id: "acme", scope: "relay/read:ocpp" })).toEqual(ids(() => true));
  });
});
