import fc from "fast-check";

/**
 * A property that fails is shrunk until the test's own timeout, and then neither the seed nor the counterexample is
 * printed. Shrinking ends before that here, and a run that never ends is a failure with its counterexample.
 */
fc.configureGlobal({ interruptAfterTimeLimit: 50_000, timeout: 25_000 });
