/** Processes of their own, so that what measures and what is compared do not share a thread with the relay. */
import { fork } from "node:child_process";

export interface Child<Requests> {
  ask<Name extends keyof Requests>(
    name: Name,
    ...args: ArgsOf<Requests, Name>
  ): Promise<AnswerOf<Requests, Name>>;
  end(): void;
}

type ArgsOf<Requests, Name extends keyof Requests> = Requests[Name] extends (...args: infer Args) => unknown
  ? Args
  : never;
type AnswerOf<Requests, Name extends keyof Requests> = Requests[Name] extends (
  ...args: never[]
) => Promise<infer Answer>
  ? Answer
  : never;

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

/** Starts a module that calls {@link serve}. One question at a time. */
export function startChild<Requests>(module: string): Child<Requests> {
  const child = fork(module, { cwd: import.meta.dirname, execArgv: [] });
  return {
    ask(name, ...args) {
      return new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`${module} ended with ${code}`));
        child.once("exit", ended);
        child.once("message", ({ value, error }: Answer) => {
          child.off("exit", ended);
          if (error === undefined) resolve(value as never);
          else reject(new Error(error));
        });
        child.send({ name, args });
      });
    },
    end() {
      // A child that failed is gone already.
      if (child.connected) child.disconnect();
    },
  };
}

/** Answers what the parent asks, until the parent lets go. */
export function serve(requests: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>): void {
  process.on("message", async ({ name, args }: { name: string; args: never[] }) => {
    try {
      process.send?.({ value: await requests[name]?.(...args) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}
