import type { Scope } from "./scopes.ts";

const NETWORK_GROUP = "network:";
const ROLE_GROUP = "role:";

/** From the least to the most rights; each role has the rights of those before it. */
const ROLES = ["viewer", "operator", "admin"] as const;

/**
 * Returns the least role that grants a scope. Scopes of networks reach over all networks, so that only an admin has
 * them; of the others a viewer has those that read, an operator also those that write.
 */
function leastRoleFor(scope: Scope): (typeof ROLES)[number] {
  if (scope.endsWith(":network")) return "admin";
  return scope.startsWith("read:") ? "viewer" : "operator";
}

/** Whether the groups of a user contain a role that grants the scope. A user without a role has no scope. */
export const isGranted = (groups: readonly string[], scope: Scope): boolean =>
  ROLES.slice(ROLES.indexOf(leastRoleFor(scope))).some((role) => groups.includes(ROLE_GROUP + role));

/** The networks that the groups of a user name; they need not exist. */
export const networksNamedBy = (groups: readonly string[]): string[] =>
  groups.filter((group) => group.startsWith(NETWORK_GROUP)).map((group) => group.slice(NETWORK_GROUP.length));
