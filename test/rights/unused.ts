import type { RightsReport } from "../../local/rights.ts";

/** A right that a run may leave unused, with the reason. */
export interface Accepted {
  readonly role: string;
  /** How the right begins: `action` or `action resource`. */
  readonly right: string;
  readonly because: string;
}

/** Each role with the rights that no stack of the run used, in lines, and entries of `accepted` without such a right. */
export function findUnused(report: RightsReport, accepted: readonly Accepted[]): string[] {
  const isAccepted = (role: string, right: string) =>
    accepted.some((one) => one.role === role && right.startsWith(one.right));
  const unused = Object.entries(report).flatMap(([role, rights]) =>
    rights.unused.filter((right) => !isAccepted(role, right)).map((right) => `${role}: unused: ${right}`),
  );
  const obsolete = accepted
    .filter(({ role, right }) => {
      const { used = [], unused: rest = [] } = report[role] ?? {};
      return ![...used, ...rest].some((one) => one.startsWith(right));
    })
    .map(({ role, right }) => `${role}: accepted as unused, but not a right: ${right}`);
  return [...unused, ...obsolete];
}
