import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Answer } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useApi } from "../context.ts";
import { ProblemAlert } from "./problem.tsx";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the route takes an Idempotency-Key, so that a repeat has no second effect. */
  readonly repeatable: boolean;
}

/** What refused the request for the moment, and after how many seconds it is sent again. */
interface Wait {
  readonly problem: ApiProblem;
  readonly seconds: number;
}

const MAXIMUM_REPEATS = 20;

export type Sending = ReturnType<typeof useSending>;

/** Sends a request; where the network's limit is reached, it waits as long as the API asks for and sends it again. */
export function useSending() {
  const api = useApi();
  const queries = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const [wait, setWait] = useState<Wait>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const send = async ({ repeatable, headers = {}, ...request }: Request): Promise<Answer | undefined> => {
    const controller = new AbortController();
    const { signal } = controller;
    abort.current = controller;
    const key: Record<string, string> = repeatable ? { "idempotency-key": crypto.randomUUID() } : {};
    setSending(true);
    setError(undefined);
    try {
      for (let repeats = 0; ; repeats++) {
        try {
          const answer = await api.send({ ...request, headers: { ...key, ...headers } });
          // What was deleted is not read again: its page is left.
          if (request.method !== "DELETE") await queries.invalidateQueries();
          return answer;
        } catch (failure) {
          const isOver = signal.aborted || repeats >= MAXIMUM_REPEATS;
          if (isOver || !(failure instanceof ApiProblem && failure.isBusy)) throw failure;
          await countDown(
            failure.retryAfter ?? 1,
            (seconds) => setWait({ problem: failure, seconds }),
            signal,
          );
          if (signal.aborted) throw failure;
        }
      }
    } catch (failure) {
      if (!signal.aborted || failure instanceof ApiProblem) setError(failure);
      return undefined;
    } finally {
      setWait(undefined);
      setSending(false);
    }
  };
  return { send, isSending, error, wait, cancel: () => abort.current?.abort() };
}

async function countDown(seconds: number, show: (seconds: number) => void, signal: AbortSignal) {
  for (let left = Math.max(1, Math.ceil(seconds)); left > 0 && !signal.aborted; left--) {
    show(left);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  "too-many-parallel-requests": "The network runs as many commands as it may",
  "station-busy": "The station has not answered an earlier command yet",
};

interface Props {
  readonly sending: Sending;
  readonly operationId: string;
  /** Pointers of errors that a form shows at its fields. */
  readonly shownAtFields?: ReadonlySet<string>;
}

/** Why a request waits, or what went wrong. */
export function SendingState({ sending: { wait, error, cancel }, ...about }: Props) {
  if (wait === undefined) return <ProblemAlert error={error} {...about} />;
  return (
    <Alert
      type="warning"
      header={REASONS[wait.problem.slug] ?? "The API has more requests than it takes"}
      action={<Button onClick={cancel}>Do not wait</Button>}
    >
      {`Nothing was sent yet. The console sends it again in ${wait.seconds} s.`}
    </Alert>
  );
}
