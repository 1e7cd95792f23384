/** `npm run events`: what the relay on this machine publishes, event by event, until Ctrl-C. */

const api = process.env.API_URL ?? `http://127.0.0.1:${process.env.API_PORT ?? 8080}`;

try {
  const response = await fetch(`${api}/_local/events`);
  if (!response.ok || !response.body) throw new Error(`${api} answers ${response.status}`);
  console.log(`events of ${api}; Ctrl-C ends it`);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((line) => line !== "")) show(JSON.parse(line));
  }
} catch (error) {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  const hint =
    code === "ECONNREFUSED" ? `nobody listens at ${api}: is the relay running (npm start)?` : undefined;
  console.error(hint ?? (error as Error).message);
  process.exitCode = 1;
}

function show(event: { time: string; "detail-type": string; detail: object }): void {
  console.log(`${event.time} ${event["detail-type"]} ${JSON.stringify(event.detail)}`);
}
