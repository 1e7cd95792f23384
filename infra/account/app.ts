/**
 * What an account needs once, whatever stages it holds:
 *
 *     npx cdk deploy --app "npx node infra/account/app.ts" --all -c repository=acme/ocpp-relay -c stages=dev,prod
 */
import { addNag } from "../synth.ts";
import { inOneLine } from "../wrong-context.ts";
import { accountApp } from "./account-app.ts";

await inOneLine(async () => {
  const app = accountApp();
  await addNag(app);
  app.synth();
});
