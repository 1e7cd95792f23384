import fc from "fast-check";

/**
 * A property that fails is shrunk until the test's own timeout, and then neither the seed nor the counterexample is
 * printed. Shrinking ends before that here, and a run that never ends is a failure with its counterexample.
 */
fc.configureGlobal({ interruptAfterTimeLimit: 50_000, timeout: 25_000 });

/** Properties are tried with new seeds in each run of the suite; `FUZZ_FACTOR=20` searches for longer. */
const factor = Number(process.env.FUZZ_FACTOR ?? 1);

/** How often a property is tried that costs requests to a table or compiled schemas. */
export const runs = (few: number): { readonly numRuns: number } => ({ numRuns: Math.ceil(few * factor) });
