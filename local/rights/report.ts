import type { Principal, Use } from "./guard.ts";

/** What a role may do at the services that are served here, and what of it was done since the start. */
export interface RightsOfRole {
  readonly used: readonly string[];
  readonly unused: readonly string[];
}

export type RightsReport = Readonly<Record<string, RightsOfRole>>;

/** Lambda itself uses these, with services that are not served here. */
const ofPlatform = /^(logs|xray):/;

/** By role, with each right as `action resource`. */
export function reportRights(principals: readonly Principal[], uses: readonly Use[]): RightsReport {
  const nameOf = ({ action, resource }: Omit<Use, "id">) => `${action} ${resource}`;
  return Object.fromEntries(
    principals.map(({ id, statements }) => {
      const done = new Set(uses.filter((use) => use.id === id).map(nameOf));
      const all = statements.flatMap(({ actions, resources }) =>
        actions
          .filter((action) => !ofPlatform.test(action))
          .flatMap((action) => resources.map((resource) => nameOf({ action, resource }))),
      );
      const rights = [...new Set(all)].sort();
      return [
        id,
        {
          used: rights.filter((right) => done.has(right)),
          unused: rights.filter((right) => !done.has(right)),
        },
      ];
    }),
  );
}
