import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { useMayWrite } from "../context.ts";
import { Confirm } from "./confirm.tsx";
import { Done } from "./done.tsx";
import { Json } from "./json.tsx";
import { PageHeader } from "./page-header.tsx";
import { ProblemAlert } from "./problem.tsx";
import { membersOf, ResourceEditor } from "./resource-editor.tsx";
import { useResource } from "./use-resource.ts";

interface Props {
  /** `rate` */
  readonly kind: string;
  /** `rates`: in the API's address and in the console's. */
  readonly collection: string;
  readonly parameter: string;
  readonly label: string;
  readonly operations: { readonly put: string; readonly read: string; readonly remove: string };
  readonly editable: readonly string[];
  readonly removalNote: string;
}

/** A small resource: created, read, replaced, deleted. */
export function EditorPage<T extends object>(props: Props) {
  const { kind, collection, parameter, label, operations } = props;
  const { [parameter]: id } = useParams();
  const navigate = useNavigate();
  if (id !== undefined) return <Existing<T> {...props} id={id} key={id} />;
  return (
    <Container header={<PageHeader>{`Create a ${kind}`}</PageHeader>}>
      <ResourceEditor
        operationId={operations.put}
        parameter={parameter}
        label={label}
        id={undefined}
        back={`#/${collection}`}
        onDone={({ body }) =>
          navigate(
            `/${collection}/${encodeURIComponent(String((body as Record<string, unknown>)[parameter]))}`,
          )
        }
      />
    </Container>
  );
}

function Existing<T extends object>({ id, ...props }: Props & { readonly id: string }) {
  const { kind, collection, parameter, label, operations, editable, removalNote } = props;
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const [isSaved, setSaved] = useState(false);
  const { data, error } = useResource<T>(`/${collection}/${encodeURIComponent(id)}`);
  if (error) return <ProblemAlert error={error} operationId={operations.read} />;
  if (data === undefined) return <Spinner size="large" />;
  const heading = <PageHeader>{`${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${id}`}</PageHeader>;
  if (!mayWrite)
    return (
      <Container header={heading}>
        <Json label={`${kind} ${id}`} value={data.resource} />
      </Container>
    );
  return (
    <SpaceBetween size="l">
      <Container header={heading}>
        <SpaceBetween size="m">
          {isSaved && <Done text={`The ${kind} is saved.`} onDismiss={() => setSaved(false)} />}
          <ResourceEditor
            operationId={operations.put}
            parameter={parameter}
            label={label}
            id={id}
            initial={membersOf(data.resource, editable)}
            {...(data.etag !== undefined && { etag: data.etag })}
            back={`#/${collection}`}
            onDone={() => setSaved(true)}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header>{`Delete the ${kind}`}</Header>}>
        <SpaceBetween size="m">
          <div>{removalNote}</div>
          <Confirm
            text="Delete"
            question={`Delete the ${kind} ${id}?`}
            operationId={operations.remove}
            path={{ [parameter]: id }}
            onDone={() => navigate(`/${collection}`)}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
