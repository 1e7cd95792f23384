import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Answer, Schemas } from "../api/client.ts";
import { type Operation, useDocument } from "../api/document.ts";
import { ApiProblem } from "../api/problem.ts";
import { useApi, useNetwork } from "../context.ts";
import { ProblemAlert } from "../ui/problem.tsx";
import { cleaned, initialOf } from "./schema.ts";
import { ConnectorField, SchemaForm } from "./schema-form.tsx";
import { Words } from "./words.tsx";

export interface OperationFormProps {
  readonly operationId: string;
  /** Values of the path's parameters. */
  readonly path?: Readonly<Record<string, string>>;
  /** Members of the body that the page knows; the form does not ask for them. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** The body to begin with. */
  readonly initial?: unknown;
  readonly connectors?: readonly Schemas["Connector"][];
  readonly submitText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent for what the form holds. @default the same */
  readonly toBody?: (body: unknown) => unknown;
  readonly onDone: (answer: Answer) => void;
  readonly actions?: ReactNode;
  /** Fields of the page's own, above those of the schema. */
  readonly before?: (errors: ReadonlyMap<string, string>) => ReactNode;
  /** Whether the description of the operation is above the form. @default true */
  readonly described?: boolean;
}

/** The form of an operation of the API, made from its schema in the OpenAPI document. */
export function OperationForm(props: OperationFormProps) {
  const { data: document, error } = useDocument();
  if (error) return <ProblemAlert error={error} />;
  if (document === undefined) return <Box>Loading the form …</Box>;
  const operation = document.operations.get(props.operationId);
  if (operation === undefined)
    return <Alert type="info">This deployment of the API does not have this operation.</Alert>;
  return <Loaded {...props} operation={operation} resolve={document.resolve} key={props.operationId} />;
}

function Loaded({
  operation,
  resolve,
  path = {},
  fixed = {},
  initial,
  connectors,
  submitText = "Send",
  headers = {},
  toBody = (body) => body,
  onDone,
  actions,
  before,
  described = true,
}: OperationFormProps & {
  readonly operation: Operation;
  readonly resolve: Parameters<typeof initialOf>[1];
}) {
  const network = useNetwork();
  const [value, setValue] = useState<unknown>(
    () => initial ?? (operation.body && initialOf(operation.body, resolve)),
  );
  const { send, isSending, error, waitSeconds, cancel } = useSending();
  const errors = useMemo(
    () =>
      new Map(
        error instanceof ApiProblem
          ? error.errors.flatMap(({ pointer, detail }) => (pointer ? [[pointer, detail] as const] : []))
          : [],
      ),
    [error],
  );
  const hidden = new Set(Object.keys(fixed));
  // The one parameter that a form asks for: the connector to unlock.
  const asked = [...operation.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = ""]) =>
    name in path ? [] : [name],
  );
  const [chosen, setChosen] = useState<string | undefined>(
    connectors?.length === 1 ? connectors[0]?.connectorUuid : undefined,
  );
  const isIncomplete = asked.length > 0 && chosen === undefined;

  const submit = async () => {
    const address = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(path[name] ?? chosen ?? ""),
    );
    const query = new URLSearchParams(operation.takesNetwork ? network : {}).toString();
    const entered = typeof value === "object" && value !== null ? value : {};
    const answer = await send({
      method: operation.method,
      path: query === "" ? address : `${address}?${query}`,
      ...(operation.body && { body: toBody(cleaned({ ...entered, ...fixed })) }),
      headers,
      repeatable: operation.takesIdempotencyKey,
    });
    if (answer !== undefined) onDone(answer);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void submit();
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {actions}
            <Button variant="primary" loading={isSending} loadingText={submitText} disabled={isIncomplete}>
              {submitText}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          {described && operation.description.replace(LEGACY_NOTE, "") !== "" && (
            <Box color="text-body-secondary">
              <Words text={operation.description.replace(LEGACY_NOTE, "")} />
            </Box>
          )}
          {before?.(errors)}
          {asked.length > 0 && (
            <ConnectorField
              connectors={connectors ?? []}
              value={chosen}
              error={undefined}
              isOptional={false}
              onChange={setChosen}
            />
          )}
          {operation.body && (
            <SchemaForm
              schema={operation.body}
              value={value}
              onChange={setValue}
              resolve={resolve}
              errors={errors}
              hidden={hidden}
              {...(connectors && { connectors })}
            />
          )}
          {waitSeconds !== undefined ? (
            <Alert
              type="warning"
              header="The network runs as many commands as it may"
              action={<Button onClick={cancel}>Do not wait</Button>}
            >
              {`Nothing was sent yet. The console sends it again in ${waitSeconds} s.`}
            </Alert>
          ) : (
            <ProblemAlert
              error={error}
              operationId={operation.operationId}
              shownAtFields={new Set(errors.keys())}
            />
          )}
        </SpaceBetween>
      </Form>
    </form>
  );
}

/** What every description says of stations with `link: legacy`, at its end: the settings of a station say it. */
const LEGACY_NOTE = /\s*A station with `link: legacy` gets the CALL.*$/;

interface Sending {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the route takes an Idempotency-Key, so that a repeat has no second effect. */
  readonly repeatable: boolean;
}

const MAXIMUM_REPEATS = 20;

/** Sends a request; where the network's limit is reached, it waits as long as the API asks for and sends it again. */
export function useSending() {
  const api = useApi();
  const queries = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const [waitSeconds, setWaitSeconds] = useState<number>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const send = async ({ repeatable, headers = {}, ...request }: Sending): Promise<Answer | undefined> => {
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
          await countDown(failure.retryAfter ?? 1, setWaitSeconds, signal);
          if (signal.aborted) throw failure;
        }
      }
    } catch (failure) {
      if (!signal.aborted || failure instanceof ApiProblem) setError(failure);
      return undefined;
    } finally {
      setWaitSeconds(undefined);
      setSending(false);
    }
  };
  return { send, isSending, error, waitSeconds, cancel: () => abort.current?.abort() };
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
