import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { type ReactNode, useState } from "react";
import { labelOf, type Schema } from "./schema.ts";
import type { FieldProps } from "./schema-form.tsx";
import { Words } from "./words.tsx";

const LONG_TEXT = 512;
const INT32_MAXIMUM = 2_147_483_647;

/** The part that all fields share: label, description, limits, error. */
function Labelled({
  field: { schema, name, isRequired, pointer, context },
  error,
  constraint,
  children,
}: {
  readonly field: FieldProps;
  readonly error?: string | undefined;
  readonly constraint?: ReactNode;
  readonly children: ReactNode;
}) {
  const label = labelOf(name);
  return (
    <FormField
      label={
        isRequired ? (
          label
        ) : (
          <>
            {label} <i>– optional</i>
          </>
        )
      }
      description={schema.description ? <Words text={schema.description} /> : undefined}
      errorText={error ?? context.errors.get(pointer)}
      constraintText={constraint ?? limits(schema)}
    >
      {children}
    </FormField>
  );
}

function limits({ minimum, minLength = 0, maxLength, format, default: preset, ...schema }: Schema): string {
  // The largest number of OCPP's integers is no limit to think of.
  const maximum = schema.maximum === INT32_MAXIMUM ? undefined : schema.maximum;
  const texts = [
    minimum !== undefined && maximum !== undefined && `${minimum} to ${maximum}.`,
    minimum !== undefined && maximum === undefined && `At least ${minimum}.`,
    minimum === undefined && maximum !== undefined && `At most ${maximum}.`,
    maxLength !== undefined && `${minLength > 1 ? `${minLength} to ` : "At most "}${maxLength} characters.`,
    format === "date-time" && "RFC 3339, for example 2030-01-01T12:00:00Z.",
    preset !== undefined && `Without a value: ${JSON.stringify(preset)}.`,
  ];
  return texts.filter(Boolean).join(" ");
}

const textOf = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

export function TextField(field: FieldProps) {
  const { value, onChange, schema, name } = field;
  const set = (text: string) => onChange(text === "" ? undefined : text);
  const isLong = (schema.maxLength ?? 0) > LONG_TEXT && schema.format === undefined && name !== "url";
  const isSecret = /password/i.test(name);
  const example = schema.examples?.find((one) => typeof one === "string");
  return (
    <Labelled field={field}>
      {isLong ? (
        <Textarea value={textOf(value)} rows={2} onChange={({ detail }) => set(detail.value)} />
      ) : (
        <Input
          value={textOf(value)}
          type={isSecret ? "password" : "text"}
          autoComplete={false}
          spellcheck={false}
          placeholder={typeof example === "string" ? example : ""}
          onChange={({ detail }) => set(detail.value)}
        />
      )}
    </Labelled>
  );
}

export function NumberField(field: FieldProps) {
  const { value, onChange, schema } = field;
  // What is typed is kept as text: `1.` is on the way to a number.
  const [text, setText] = useState(textOf(value));
  const isSame = text !== "" && Number(text) === value;
  return (
    <Labelled field={field}>
      <Input
        type="number"
        inputMode={schema.type === "integer" ? "numeric" : "decimal"}
        step="any"
        value={isSame ? text : textOf(value)}
        onChange={({ detail }) => {
          setText(detail.value);
          const number = Number(detail.value);
          onChange(detail.value.trim() === "" || !Number.isFinite(number) ? undefined : number);
        }}
      />
    </Labelled>
  );
}

export function BooleanField(field: FieldProps) {
  const { value, onChange, schema, isRequired, name } = field;
  if (isRequired || typeof schema.default === "boolean")
    return (
      <FormField
        errorText={field.context.errors.get(field.pointer)}
        description={schema.description ? <Words text={schema.description} /> : undefined}
      >
        <Checkbox
          checked={(value ?? schema.default) === true}
          onChange={({ detail }) => onChange(detail.checked)}
        >
          {labelOf(name)}
        </Checkbox>
      </FormField>
    );
  return <ChoiceField {...field} schema={{ ...schema, enum: [true, false] }} />;
}

export function ChoiceField(field: FieldProps) {
  const { value, onChange, schema, isRequired } = field;
  const values = (schema.enum ?? []).filter((one) => one !== null);
  const options = [
    ...(isRequired ? [] : [{ value: "", label: "–" }]),
    ...values.map((one) => ({ value: JSON.stringify(one), label: String(one) })),
  ];
  const selected = value === undefined ? "" : JSON.stringify(value);
  return (
    <Labelled field={field}>
      <Select
        options={options}
        placeholder="Choose"
        filteringType={options.length > 10 ? "auto" : "none"}
        selectedOption={options.find((option) => option.value === selected) ?? null}
        onChange={({ detail }) => {
          const chosen = detail.selectedOption.value ?? "";
          onChange(chosen === "" ? undefined : JSON.parse(chosen));
        }}
      />
    </Labelled>
  );
}

/** A list of texts, one a line. */
export function LinesField(field: FieldProps) {
  const { value, onChange, isRequired } = field;
  const [text, setText] = useState(Array.isArray(value) ? value.join("\n") : "");
  return (
    <Labelled field={field} constraint="One a line.">
      <Textarea
        value={text}
        rows={3}
        spellcheck={false}
        onChange={({ detail }) => {
          setText(detail.value);
          const lines = detail.value
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => line !== "");
          onChange(lines.length === 0 && !isRequired ? undefined : lines);
        }}
      />
    </Labelled>
  );
}

/** Any JSON. A text that is no JSON is shown as wrong, and is no value. */
export function JsonField(field: FieldProps) {
  const { value, onChange, schema } = field;
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [error, setError] = useState<string>();
  const takesText = schema.type === undefined || [schema.type].flat().includes("string");
  return (
    <Labelled field={field} error={error} constraint={takesText ? "JSON, or plain text." : "JSON."}>
      <Textarea
        value={text}
        rows={4}
        spellcheck={false}
        onChange={({ detail }) => {
          setText(detail.value);
          setError(undefined);
          if (detail.value.trim() === "") return onChange(undefined);
          try {
            onChange(JSON.parse(detail.value));
          } catch (failure) {
            if (takesText) return onChange(detail.value);
            onChange(undefined);
            setError((failure as Error).message);
          }
        }}
      />
    </Labelled>
  );
}
