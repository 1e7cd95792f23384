import type { RightsReport } from "../../local/rights.ts";

/** Rights that no test can use, with the reason. */
export interface Accepted {
  readonly role: string;
  /** How the right begins: `action` or `action resource`. */
  readonly right: string;
  readonly because: string;
}

/** Each role with the rights that no stack of the run used, in lines, and entries of `accepted` that are obsolete. */
export function findUnused(report: RightsReport, accepted: readonly Accepted[]): string[] {
  const isAccepted = (role: string, right: string) =>
    accepted.some((one) => one.role === role && right.startsWith(one.right));
  const unused = Object.entries(report).flatMap(([role, rights]) =>
    rights.unused.filter((right) => !isAccepted(role, right)).map((right) => `${role}: unused: ${right}`),
  );
  const obsolete = accepted
    .filter(({ role, right }) => !report[role]?.unused.some((one) => one.startsWith(right)))
    .map(({ role, right }) => `${role}: accepted as unused, but used or absent: ${right}`);
  return [...unused, ...obsolete];
}
