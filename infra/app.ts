/** The CDK app as the `cdk` command runs it; programs call `synthesize` instead. */
import { addNag, relayApp, warnWithoutWebAcl } from "./synth.ts";
import { inOneLine } from "./wrong-context.ts";

await inOneLine(async () => {
  const app = await relayApp();
  await addNag(app);
  // Set by the command line from its profile.
  warnWithoutWebAcl(app, process.env.CDK_DEFAULT_REGION);
  app.synth();
});
