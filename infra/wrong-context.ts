/** A `-c key=value` that is not valid: printed in one line, without a stack trace. */
export class WrongContext extends Error {
  override readonly name = "WrongContext";

  /** @param message begins with the key */
  constructor(message: string) {
    super(`context ${message}`);
  }
}

/** Runs an app for the `cdk` command, which prints the app's output and then that it failed. */
export async function inOneLine(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof WrongContext)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
