import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { useDocument } from "../api/document.ts";
import { ApiProblem, ApiUnreachable } from "../api/problem.ts";
import { useConsole } from "../context.ts";
import { Json } from "./json.tsx";

/** Members of a problem that the alert shows in words already. */
const SHOWN = new Set([
  ...["type", "title", "status", "detail", "instance", "errors", "message"],
  ...["protocol", "action"],
]);

interface Props {
  readonly error: unknown;
  /** The operation that failed: its scopes explain a 403. */
  readonly operationId?: string;
  readonly onRetry?: () => void;
  /** Pointers of errors that a form shows at its fields. */
  readonly shownAtFields?: ReadonlySet<string>;
}

/** What went wrong, in the API's own words. */
export function ProblemAlert({ error, operationId, onRetry, shownAtFields }: Props) {
  if (error === null || error === undefined) return null;
  const action = onRetry && <Button onClick={onRetry}>Try again</Button>;
  if (error instanceof ApiUnreachable)
    return (
      <Alert type="error" header="The API does not answer" action={action}>
        Nothing is known about this request. The console tries again by itself where it only reads.
      </Alert>
    );
  if (!(error instanceof ApiProblem))
    return (
      <Alert type="error" header="Unexpected error" action={action}>
        {error instanceof Error ? error.message : String(error)}
      </Alert>
    );
  // The frame of the page asks to sign in again.
  if (error.status === 401) return null;
  if (error.status === 403 && error.slug !== "no-network") return <MissingScope operationId={operationId} />;
  const rest = error.errors.filter(({ pointer }) => pointer === undefined || !shownAtFields?.has(pointer));
  const members = Object.entries(error.members).filter(([name]) => !SHOWN.has(name));
  return (
    <Alert
      type={error.status === 409 || error.isBusy ? "warning" : "error"}
      header={error.title}
      action={action}
    >
      <div>{error.detail}</div>
      {rest.length > 0 && (
        <ul>
          {rest.map(({ pointer, parameter, header, detail }) => (
            <li key={`${pointer} ${parameter} ${header} ${detail}`}>
              <code>{pointer ?? parameter ?? header ?? ""}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {members.length > 0 && <Json label="More about the problem" value={Object.fromEntries(members)} />}
    </Alert>
  );
}

function MissingScope({ operationId }: { readonly operationId: string | undefined }): ReactNode {
  const { session } = useConsole();
  const { data: document } = useDocument();
  const operation = operationId === undefined ? undefined : document?.operations.get(operationId);
  const { role } = session.user;
  return (
    <Alert type="warning" header="Not allowed">
      {operation === undefined ? (
        "Your account lacks the scope that this needs."
      ) : (
        <>
          “{operation.summary}” needs the scope{" "}
          {operation.scopes.map((scope, place) => (
            <span key={scope}>
              {place > 0 && " or "}
              <code>{scope}</code>
            </span>
          ))}
          .
        </>
      )}{" "}
      {role === undefined ? "Your account has no role." : `Your role is ${role}.`} An administrator can change
      it.
    </Alert>
  );
}

/** A problem that a resource has: what ended a command, an attempt, a result. */
export const StoredProblem = ({ problem }: { readonly problem: object }) => (
  <ProblemAlert
    error={new ApiProblem((problem as { status?: number }).status ?? 0, problem, new Headers())}
  />
);
