/** The CDK app as the `cdk` command runs it; programs call `synthesize` instead. */
import { addNag, builtConsole, relayApp, warnWithoutConsole, warnWithoutWebAcl } from "./synth.ts";
import { inOneLine } from "./wrong-context.ts";

await inOneLine(async () => {
  const app = await relayApp({}, builtConsole);
  await addNag(app);
  // Set by the command line from its profile.
  warnWithoutWebAcl(app, process.env.CDK_DEFAULT_REGION);
  warnWithoutConsole(app);
  app.synth();
});
