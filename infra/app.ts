/** The CDK app as the `cdk` command runs it; programs call `synthesize` instead. */
import { addNag, relayApp } from "./synth.ts";

const app = await relayApp();
await addNag(app);
app.synth();
