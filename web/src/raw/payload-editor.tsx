import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMemo, useState } from "react";
import type { FieldError } from "../api/problem.ts";
import { cleaned, initialOf, type Schema } from "../form/schema.ts";
import { SchemaForm } from "../form/schema-form.tsx";
import { type ActionSchema, resolverOf } from "./schemas.ts";
import { violationsOf } from "./validate.ts";

interface Props {
  /** Undefined: not read yet, or the version has none for the action. */
  readonly schema: ActionSchema | undefined;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** What the API found wrong. */
  readonly problems: readonly FieldError[];
}

const MAXIMUM_ROWS = 24;

/** A payload as a form of its schema, or as JSON that is checked by it while it is written. */
export function PayloadEditor({ schema, value, onChange, problems }: Props) {
  const [view, setView] = useState("form");
  const [text, setText] = useState<string>();
  const shown = text ?? JSON.stringify(cleaned(value), null, 2) ?? "";
  const [jsonError, setJsonError] = useState<string>();
  const form = useMemo(() => schema && withoutCustomData(schema), [schema]);
  const resolve = useMemo(() => form && resolverOf(form), [form]);
  const violations = useMemo(
    () => (schema === undefined || value === undefined ? new Map() : violationsOf(schema, cleaned(value))),
    [schema, value],
  );
  const errors = new Map([
    ...violations,
    ...problems.map(({ pointer = "", detail }) => [pointer.replace(/^\/payload/, ""), detail] as const),
  ]);
  const isForm = view === "form" && form !== undefined && resolve !== undefined;
  const change = (next: string) => {
    setText(next);
    try {
      onChange(JSON.parse(next));
      setJsonError(undefined);
    } catch (error) {
      setJsonError((error as Error).message);
      onChange(undefined);
    }
  };
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label="Write the payload as"
        selectedId={view}
        options={[
          { id: "form", text: "Form" },
          { id: "json", text: "JSON" },
        ]}
        onChange={({ detail }) => {
          setView(detail.selectedId);
          setText(undefined);
        }}
      />
      {isForm ? (
        <SchemaForm
          schema={form}
          value={value ?? initialOf(form, resolve)}
          onChange={onChange}
          resolve={resolve}
          errors={errors}
        />
      ) : (
        <div className="code">
          <FormField label="Payload" errorText={jsonError} stretch>
            <Textarea
              value={shown}
              rows={Math.min(MAXIMUM_ROWS, Math.max(6, shown.split("\n").length + 1))}
              spellcheck={false}
              onChange={({ detail }) => change(detail.value)}
            />
          </FormField>
        </div>
      )}
      {/* The page shows what the API found. */}
      {violations.size > 0 && problems.length === 0 && (
        <Alert type="info" header="The payload does not fit the schema">
          <ul>
            {[...violations].map(([pointer, detail]) => (
              <li key={pointer}>
                <code>{pointer === "" ? "payload" : pointer}</code> {detail}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </SpaceBetween>
  );
}

/** Every object of OCPP 2.x may have `customData`: forms leave it to the JSON. */
function withoutCustomData(schema: ActionSchema): ActionSchema {
  const strip = (one: Schema): Schema => {
    const { properties } = one;
    if (properties === undefined) return one;
    const { customData: _, ...kept } = properties;
    return { ...one, properties: kept };
  };
  const { definitions = {} } = schema;
  return {
    ...schema,
    ...strip(schema),
    definitions: Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, strip(one)])),
  };
}
