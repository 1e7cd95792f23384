import type { LambdaClient as Client } from "@aws-sdk/client-lambda";
import type { BackgroundJob } from "../shared/attempts/jobs.ts";
import { environment } from "./environment.ts";

let client: Client | undefined;

/**
 * Hands something to the function that goes on after the response. The SDK's Lambda client is loaded by the
 * few events that need it, not by every cold start.
 */
export async function runInBackground(job: BackgroundJob): Promise<void> {
  const [{ InvokeCommand, LambdaClient }, { clientSettings }] = await Promise.all([
    import("@aws-sdk/client-lambda"),
    import("../shared/http-client.ts"),
  ]);
  client ??= new LambdaClient(clientSettings());
  await client.send(
    new InvokeCommand({
      FunctionName: environment("BACKGROUND_FUNCTION"),
      InvocationType: "Event",
      Payload: JSON.stringify(job),
    }),
  );
}
