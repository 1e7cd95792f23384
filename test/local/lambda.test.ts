import { availableParallelism } from "node:os";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { createLambdaEndpoint } from "../../local/lambda/endpoint.ts";
import type { LambdaOptions, LogEntry } from "../../local/lambda/service.ts";
import { listen, stop } from "../../local/listen.ts";
import { type FunctionFixture, functionId, type Resources } from "./fixtures/assembly.ts";
import { serveFunctions } from "./fixtures/serve.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function serve(
  functions: Record<string, FunctionFixture>,
  resources: Resources = {},
  options: Partial<LambdaOptions> = {},
) {
  const { lambda, clock, log } = serveFunctions(functions, resources, options);
  cleanups.push(() => lambda.close());
  const target = (name: string) => {
    const found = lambda.find(name);
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  };
  return {
    lambda,
    clock,
    log,
    target,
    invoke: (name: string, event: unknown = {}) => target(name).invoke(JSON.stringify(event)),
    endpoint: async () => {
      const server = createLambdaEndpoint(lambda);
      const url = await listen(server, 0);
      cleanups.push(() => stop(server));
      return new LambdaClient({
        endpoint: url,
        region: "eu-west-1",
        credentials: { accessKeyId: "x", secretAccessKey: "x" },
        maxAttempts: 1,
      });
    },
  };
}

const json = (outcome: { status: string; payload?: string }) => JSON.parse(outcome.payload ?? "null");

/** Answers after a message on a BroadcastChannel, which reaches every thread of the process. */
const waiting = `
let served = 0;
export const handler = async ({ wait }) => {
  served += 1;
  const channel = new BroadcastChannel("lambda-test");
  channel.postMessage("serving");
  if (wait) await new Promise((resolve) => (channel.onmessage = ({ data }) => data === "go" && resolve()));
  channel.close();
  return { served };
};`;

function conductor() {
  const channel = new BroadcastChannel("lambda-test");
  let serving = 0;
  let notify = () => {};
  channel.onmessage = ({ data }) => {
    if (data === "serving") serving += 1;
    notify();
  };
  cleanups.push(async () => channel.close());
  return {
    async untilServing(count: number) {
      while (serving < count) await new Promise<void>((resolve) => (notify = resolve));
    },
    go: () => channel.postMessage("go"),
  };
}

describe("an execution environment", () => {
  it("keeps module state between events and is reused", async () => {
    const { invoke, lambda } = serve({
      counter: { code: "let n = 0; export const handler = async () => ++n;" },
    });

    const counts = [await invoke("counter"), await invoke("counter"), await invoke("counter")].map(json);

    expect(counts).toEqual([1, 2, 3]);
    expect(lambda.metrics().counter).toMatchObject({ invocations: 3, environments: 1, errors: 0 });
    expect(lambda.metrics().counter?.initMs).toEqual([expect.any(Number)]);
    expect(lambda.metrics().counter?.processorMs).toBeGreaterThan(0);
  });

  it("takes one event at a time; another event gets another environment", async () => {
    const { invoke, lambda } = serve({ slow: { code: waiting, properties: { Timeout: 20 } } });
    const { untilServing, go } = conductor();

    const both = [invoke("slow", { wait: true }), invoke("slow", { wait: true })];
    await untilServing(2);
    go();
    const answers = (await Promise.all(both)).map(json);

    expect(answers).toEqual([{ served: 1 }, { served: 1 }]);
    expect(lambda.metrics().slow).toMatchObject({ invocations: 2, environments: 2 });
  });

  it("is waited for where there are as many as may be, and replaced where one is gone", async () => {
    const { invoke, lambda } = serve(
      { slow: { code: waiting, properties: { Timeout: 20 } } },
      {},
      { mostEnvironments: 2 },
    );
    const { untilServing, go } = conductor();

    const killed = [invoke("slow", { wait: true }), invoke("slow", { wait: true })];
    await untilServing(2);
    const waits = [invoke("slow", { wait: true }), invoke("slow", { wait: true }), invoke("slow")];
    expect(lambda.metrics().slow).toMatchObject({ invocations: 5, environments: 2 });
    await lambda.kill("slow");
    await untilServing(4);
    expect(lambda.metrics().slow).toMatchObject({ environments: 2 });
    go();

    expect((await Promise.all(killed)).map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect((await Promise.all(waits)).map(json)).toEqual([{ served: 1 }, { served: 1 }, { served: 2 }]);
  });

  it("is not started for an event of a short function that another environment can soon take", async () => {
    const { invoke, lambda } = serve({ brief: { code: waiting, properties: { Timeout: 10 } } });
    await invoke("brief");

    await Promise.all([invoke("brief"), invoke("brief"), invoke("brief")]);

    expect(lambda.metrics().brief).toMatchObject({ invocations: 4, environments: 1 });
  });

  it("is one of at most two per core where the function is short", async () => {
    const { invoke, lambda } = serve({ brief: { code: waiting, properties: { Timeout: 10 } } });
    const { untilServing, go } = conductor();
    const most = 2 * availableParallelism();

    const events = Array.from({ length: most + 1 }, () => invoke("brief", { wait: true }));
    await untilServing(most);
    expect(lambda.metrics().brief).toMatchObject({ environments: most });
    go();
    await untilServing(most + 1);
    go();

    const answers = (await Promise.all(events)).map(json).map(({ served }) => served);
    expect(answers).toEqual([...Array(most).fill(1), 2]);
  });

  it("is chosen by how recently it was used", async () => {
    const { invoke } = serve({ slow: { code: waiting, properties: { Timeout: 20 } } });
    const { untilServing, go } = conductor();
    const first = invoke("slow", { wait: true });
    await untilServing(1);
    await invoke("slow");
    go();
    await first;

    const next = [json(await invoke("slow")), json(await invoke("slow"))];

    expect(next).toEqual([{ served: 2 }, { served: 3 }]);
  });

  it("has the template's variables, Lambda's own and the local endpoints, and nothing of this process", async () => {
    process.env.NOT_FOR_FUNCTIONS = "1";
    const { invoke } = serve({
      "api-env": {
        code: "export const handler = async () => process.env;",
        properties: {
          MemorySize: 256,
          Environment: { Variables: { TABLE: { Ref: "AWS::Region" }, URL: "https://deployed/prod" } },
        },
      },
    });

    const variables = json(await invoke("api-env"));

    expect(variables).toMatchObject({
      TABLE: "eu-west-1",
      URL: "http://local/prod",
      AWS_LAMBDA_FUNCTION_NAME: "api-env",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1",
    });
    expect(variables).not.toHaveProperty("NOT_FOR_FUNCTIONS");
    delete process.env.NOT_FOR_FUNCTIONS;
  });

  it("hands over Lambda's context", async () => {
    const { invoke } = serve({
      ctx: {
        code: `export const handler = async (event, context) =>
          ({ ...context, left: context.getRemainingTimeInMillis() });`,
        properties: { Timeout: 7 },
      },
    });

    const context = json(await invoke("ctx"));

    expect(context).toMatchObject({
      functionName: "ctx",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:000000000000:function:ctx",
      memoryLimitInMB: "128",
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context.left).toBeGreaterThan(5000);
    expect(context.left).toBeLessThanOrEqual(7000);
  });

  it("reads the shared clock, moved before or after its start", async () => {
    const { invoke, clock } = serve({
      time: {
        code: `export const handler = async () => [Date.now(), new Date().getTime(), Date.parse(Date()),
          new Date(5).getTime(), new Date() instanceof Date];`,
      },
    });
    clock.advance(3_600_000);
    await invoke("time");
    clock.advance(3_600_000);

    const [now, made, called, given, isDate] = json(await invoke("time"));

    for (const time of [now, made, called]) expect(Math.abs(time - clock.now())).toBeLessThan(10_000);
    expect(clock.now() - Date.now()).toBe(7_200_000);
    expect([given, isDate]).toEqual([5, true]);
  });

  it("loads no fetch because its function imports node:http", async () => {
    const code = `
      import { request } from "node:http";
      export const handler = async () => ({
        canRequest: typeof request,
        undici: process.moduleLoadList.filter((name) => name.endsWith("undici/undici")),
      });`;
    const { invoke } = serve({ http: { code } });

    const outcome = await invoke("http");

    expect(json(outcome)).toEqual({ canRequest: "function", undici: [] });
  });

  it("is ended when it had nothing to do for long", async () => {
    const { invoke, lambda } = serve(
      { short: { code: "export const handler = () => 1;" } },
      {},
      { idleMs: 20 },
    );

    await invoke("short");

    await expect.poll(() => lambda.metrics().short?.environments).toBe(0);
    expect(json(await invoke("short"))).toBe(1);
  });

  it("is ended within seconds where its function has another one", async () => {
    const { invoke, lambda } = serve(
      { slow: { code: waiting, properties: { Timeout: 20 } } },
      {},
      { spareIdleMs: 20 },
    );
    const { untilServing, go } = conductor();
    const burst = [
      invoke("slow", { wait: true }),
      invoke("slow", { wait: true }),
      invoke("slow", { wait: true }),
    ];
    await untilServing(3);
    expect(lambda.metrics().slow).toMatchObject({ environments: 3 });

    go();
    await Promise.all(burst);

    await expect.poll(() => lambda.metrics().slow?.environments).toBe(1);
    expect(json(await invoke("slow"))).toEqual({ served: 2 });
    expect(lambda.metrics().slow).toMatchObject({ environments: 1, errors: 0 });
  });

  it("sends a function's output to the log, untouched", async () => {
    const { invoke, log } = serve({
      talk: {
        code: `export const handler = async () => {
          console.log('{"level":"INFO"}'); console.error("second"); process.stdout.write("third\\n"); };`,
      },
    });

    await invoke("talk");

    expect(log.map(({ text }) => text)).toEqual(['{"level":"INFO"}\n', "second\n", "third\n"]);
    expect(log[0]).toMatchObject({ functionId: "talk", source: "function" });
  });
});

describe("a failing function", () => {
  it("reports what was thrown as Lambda does", async () => {
    const { invoke, lambda, log } = serve({
      bad: {
        code: `export const handler = async ({ text }) => {
          if (text) throw text; throw new RangeError("out of range"); };`,
      },
    });

    const error = await invoke("bad");
    const text = await invoke("bad", { text: "plain" });

    expect(error).toMatchObject({
      status: "failed",
      error: { errorType: "RangeError", errorMessage: "out of range" },
    });
    expect(error).toHaveProperty("error.trace.0", "RangeError: out of range");
    expect(JSON.stringify(error)).not.toContain("data:text/javascript");
    expect(text).toMatchObject({ error: { errorType: "string", errorMessage: "plain" } });
    expect(lambda.metrics().bad).toMatchObject({ errors: 2, environments: 1 });
    expect(log.every(({ source }) => source === "platform")).toBe(true);
  });

  it("fails each event while its module cannot be loaded", async () => {
    const { invoke, lambda } = serve({ broken: { code: "throw new Error('no luck');" } });

    const outcomes = [await invoke("broken"), await invoke("broken")];

    for (const outcome of outcomes) expect(outcome).toMatchObject({ error: { errorMessage: "no luck" } });
    expect(lambda.metrics().broken?.environments).toBe(0);
  });

  it("names a missing handler", async () => {
    const { invoke } = serve({ empty: { code: "export const other = 1;" } });

    expect(await invoke("empty")).toMatchObject({
      error: { errorType: "Runtime.HandlerNotFound", errorMessage: "handler is undefined or not exported" },
    });
  });

  it("is ended at its timeout, and the next event gets a new environment", async () => {
    const { invoke, lambda } = serve({
      hang: {
        code: "let n = 0; export const handler = async ({ hang }) => (++n, hang ? new Promise(() => {}) : n);",
        properties: { Timeout: 1 },
      },
    });
    await invoke("hang");

    const outcome = await invoke("hang", { hang: true });

    expect(outcome).toMatchObject({
      error: {
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1.00 seconds$/),
      },
    });
    expect(lambda.metrics().hang?.environments).toBe(0);
    expect(json(await invoke("hang"))).toBe(1);
  });

  it("survives an environment that exits or throws outside of the handler", async () => {
    const { invoke } = serve({
      exit: {
        code: `export const handler = async ({ how }) => {
          if (how === "exit") process.exit(3);
          if (how === "throw") return new Promise(() => setImmediate(() => { throw new TypeError("late"); }));
          return "fine"; };`,
      },
    });

    expect(await invoke("exit", { how: "exit" })).toMatchObject({
      error: { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 3" },
    });
    expect(await invoke("exit", { how: "throw" })).toMatchObject({ error: { errorType: "TypeError" } });
    expect(json(await invoke("exit"))).toBe("fine");
  });

  it("may not answer with more than 6 MB", async () => {
    const { invoke } = serve({
      big: { code: "export const handler = async ({ bytes }) => 'x'.repeat(bytes - 2);" },
    });

    expect(await invoke("big", { bytes: 6 * 1024 * 1024 })).toMatchObject({ status: "ok" });
    expect(await invoke("big", { bytes: 6 * 1024 * 1024 + 1 })).toMatchObject({
      error: { errorType: "Function.ResponseSizeTooLarge" },
    });
  });
});

describe("killing environments", () => {
  it("fails the events being served and leaves other functions alone", async () => {
    const { invoke, lambda } = serve({
      victim: { code: waiting, properties: { Timeout: 20 } },
      other: { code: waiting, properties: { Timeout: 20 } },
    });
    const { untilServing, go } = conductor();
    const killed = invoke("victim", { wait: true });
    const kept = invoke("other", { wait: true });
    await untilServing(2);

    await lambda.kill("victim");
    go();

    expect(await killed).toMatchObject({
      status: "failed",
      error: {
        errorType: "Runtime.ExitError",
        errorMessage: "Runtime exited with error: signal: killed",
      },
    });
    expect(json(await kept)).toEqual({ served: 1 });
    expect(json(await invoke("victim"))).toEqual({ served: 1 });
  });
});

describe("reserved concurrency", () => {
  it("throttles what goes beyond it", async () => {
    const { invoke } = serve({
      narrow: { code: waiting, properties: { Timeout: 20, ReservedConcurrentExecutions: 1 } },
    });
    const { untilServing, go } = conductor();
    const first = invoke("narrow", { wait: true });
    await untilServing(1);

    const second = await invoke("narrow");
    go();

    expect(second).toEqual({ status: "throttled" });
    expect(await first).toMatchObject({ status: "ok" });
  });
});

describe("asynchronous events", () => {
  const failing = {
    code: `export const handler = async () => {
      new BroadcastChannel("lambda-test").postMessage("serving"); throw new Error("again"); };`,
  };
  const discarded = (log: LogEntry[]) => log.filter(({ text }) => text.includes("event discarded"));

  it("are tried three times, then discarded with a word in the log", async () => {
    const { lambda, target, log } = serve({ retried: failing });
    const { untilServing } = conductor();

    lambda.invokeLater(target("retried"), "{}");
    await untilServing(3);
    await expect.poll(() => discarded(log)).toHaveLength(1);

    expect(lambda.metrics().retried).toMatchObject({ invocations: 3, errors: 3 });
  });

  it("are tried as often as the template's EventInvokeConfig says", async () => {
    const { lambda, target, log } = serve(
      { once: failing },
      {
        config: {
          Type: "AWS::Lambda::EventInvokeConfig",
          Properties: { FunctionName: { Ref: functionId("once") }, MaximumRetryAttempts: 0 },
        },
      },
    );

    lambda.invokeLater(target("once"), "{}");
    await expect.poll(() => discarded(log)).toHaveLength(1);

    expect(lambda.metrics().once).toMatchObject({ invocations: 1, errors: 1 });
  });
});

describe("the Invoke API", () => {
  it("serves the SDK's client: answers, errors, events, dry runs", async () => {
    const { endpoint, lambda } = serve({
      echo: {
        code: "export const handler = async (e) => { if (e.fail) throw new Error('told to'); return e; };",
      },
    });
    const client = await endpoint();
    const invoke = (event: unknown, type: "RequestResponse" | "Event" | "DryRun", name = "echo") =>
      client.send(
        new InvokeCommand({ FunctionName: name, InvocationType: type, Payload: JSON.stringify(event) }),
      );

    const answer = await invoke({ a: 1 }, "RequestResponse");
    const error = await invoke({ fail: true }, "RequestResponse");
    const dry = await invoke({}, "DryRun");
    const later = await invoke({}, "Event", "arn:aws:lambda:eu-west-1:000000000000:function:echo");

    expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toEqual({ a: 1 });
    expect(error.FunctionError).toBe("Unhandled");
    expect(JSON.parse(error.Payload?.transformToString() ?? "")).toMatchObject({ errorMessage: "told to" });
    expect([dry.StatusCode, later.StatusCode]).toEqual([204, 202]);
    await expect.poll(() => lambda.metrics().echo?.invocations).toBe(3);
    await expect(invoke({}, "Event", "nobody")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
