import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import type { Answer } from "../api/client.ts";
import { OperationForm } from "../form/operation-form.tsx";

interface Props {
  /** The PUT of the resource. */
  readonly operationId: string;
  /** The parameter of its path. */
  readonly parameter: string;
  readonly label: string;
  /** Undefined: a new one, whose id the form asks for. */
  readonly id: string | undefined;
  readonly initial?: object;
  readonly etag?: string;
  /** Members that cannot be changed. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  readonly back: string;
  readonly onDone: (answer: Answer) => void;
}

/** Creates or replaces a resource that has an id of its own. */
export function ResourceEditor(props: Props) {
  const { operationId, parameter, label, id, initial, etag, fixed, back, onDone } = props;
  const [name, setName] = useState("");
  return (
    <OperationForm
      operationId={operationId}
      path={{ [parameter]: id ?? name }}
      {...(initial && { initial })}
      {...(fixed && { fixed })}
      headers={etag === undefined ? {} : { "if-match": etag }}
      submitText="Save"
      actions={
        <Button variant="link" href={back} formAction="none">
          Back
        </Button>
      }
      before={() =>
        id === undefined && (
          <FormField label={label}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
        )
      }
      onDone={onDone}
    />
  );
}

/** The members of a resource that its PUT takes. */
export function membersOf(resource: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => names.includes(name)));
}
