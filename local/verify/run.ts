import { type Belief, NotTried } from "./beliefs.ts";
import { Session } from "./session.ts";
import type { Target } from "./target.ts";

export interface Finding {
  readonly belief: string;
  readonly result: "holds" | "differs" | "not tried";
  /** What came instead, or why it was not tried. */
  readonly detail?: string;
  readonly ifWrong: string;
  readonly seconds: number;
}

/** Tries each belief with a station of its own: the short ones one after the other, then the long ones at once. */
export async function verify(
  target: Target,
  beliefs: readonly Belief[],
  onFinding: (finding: Finding) => void = () => {},
): Promise<Finding[]> {
  const session = new Session(target);
  const find = async (belief: Belief) => {
    const finding = await tryOut(session, belief);
    onFinding(finding);
    return finding;
  };
  try {
    const findings: Finding[] = [];
    for (const belief of beliefs.filter(({ isLong }) => !isLong)) findings.push(await find(belief));
    return [...findings, ...(await Promise.all(beliefs.filter(({ isLong }) => isLong).map(find)))];
  } finally {
    await session.end();
  }
}

async function tryOut(session: Session, { belief, ifWrong, trial }: Belief): Promise<Finding> {
  const began = performance.now();
  const finding = (result: Finding["result"], detail?: string): Finding => ({
    belief,
    result,
    ...(detail !== undefined && { detail }),
    ifWrong,
    seconds: (performance.now() - began) / 1000,
  });
  try {
    await trial(session);
    return finding("holds");
  } catch (error) {
    const { message } = error as Error;
    return finding(error instanceof NotTried ? "not tried" : "differs", message);
  }
}

/** Lines of the table: result, belief, and below it what came instead and what that means. */
export function rows({ belief, result, detail, ifWrong, seconds }: Finding): string[] {
  const indent = " ".repeat(11);
  const time = result === "not tried" ? "" : `  (${seconds.toFixed(1)} s)`;
  return [
    `${result.padEnd(9)}  ${belief}${time}`,
    ...(detail === undefined ? [] : [`${indent}${detail}`]),
    ...(result === "differs" ? [`${indent}This means: ${ifWrong}`] : []),
  ];
}
