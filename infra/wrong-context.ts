/** A `-c key=value` that makes no sense: a mistake of whoever deploys, told in one line. */
export class WrongContext extends Error {
  override readonly name = "WrongContext";

  /** @param message begins with the key */
  constructor(message: string) {
    super(`context ${message}`);
  }
}

/** Runs an app for the `cdk` command, which shows what the app says and then that it failed. */
export async function inOneLine(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof WrongContext)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
