import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useMemo, useState } from "react";
import type { Answer, Schemas } from "../api/client.ts";
import { type Operation, useDocument } from "../api/document.ts";
import { ApiProblem } from "../api/problem.ts";
import { useNetwork } from "../context.ts";
import { ProblemAlert } from "../ui/problem.tsx";
import { SendingState, useSending } from "../ui/sending.tsx";
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
  const sending = useSending();
  const { send, isSending, error } = sending;
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
          <SendingState
            sending={sending}
            operationId={operation.operationId}
            shownAtFields={new Set(errors.keys())}
          />
        </SpaceBetween>
      </Form>
    </form>
  );
}

/** The note on stations with `link: legacy` that ends every description. The settings of a station have it. */
const LEGACY_NOTE = /\s*A station with `link: legacy` gets the CALL.*$/;
