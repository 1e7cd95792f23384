import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Schemas } from "../api/client.ts";
import { connectorText } from "../ui/connector.tsx";
import { BooleanField, ChoiceField, JsonField, LinesField, NumberField, TextField } from "./fields.tsx";
import { initialOf, inSentence, kindOf, labelOf, type Resolve, type Schema } from "./schema.ts";
import { Words } from "./words.tsx";

export interface FormContext {
  readonly resolve: Resolve;
  /** What the API, or a check here, found wrong, by JSON Pointer. */
  readonly errors: ReadonlyMap<string, string>;
  /** The connectors to choose from, where the station is known. */
  readonly connectors?: readonly Schemas["Connector"][];
  /** Members of the body that the page sets itself. */
  readonly hidden?: ReadonlySet<string>;
}

export interface FieldProps {
  readonly schema: Schema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly pointer: string;
  readonly name: string;
  readonly isRequired: boolean;
  readonly context: FormContext;
}

interface Props extends FormContext {
  readonly schema: Schema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** The form of a JSON Schema: every command, and every resource, is written with it. */
export function SchemaForm({ schema, value, onChange, ...context }: Props) {
  const resolved = context.resolve(schema);
  const common = { value, onChange, pointer: "", name: "", isRequired: true, context };
  if (kindOf(resolved, context.resolve) === "variants") return <Variants schema={resolved} {...common} />;
  return <Members schema={resolved} {...common} />;
}

/** One field, by the kind of its schema. */
function Field({ schema, ...props }: FieldProps) {
  const resolved = props.context.resolve(schema);
  const field = { ...props, schema: resolved };
  switch (kindOf(resolved, props.context.resolve)) {
    case "object":
      return <Group {...field} />;
    case "list":
      return <List {...field} />;
    case "variants":
      return <Variants {...field} />;
    case "choice":
      return <ChoiceField {...field} />;
    case "boolean":
      return <BooleanField {...field} />;
    case "number":
      return <NumberField {...field} />;
    case "lines":
      return <LinesField {...field} />;
    case "text":
      return <TextField {...field} />;
    case "json":
      return <JsonField {...field} />;
  }
}

/** The members of an object, the required ones first. */
function Members({ schema, value, onChange, pointer, context }: FieldProps) {
  const { properties = {} } = schema;
  const members = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const required = new Set(schema.required ?? []);
  const { connectors } = context;
  const meansConnector =
    connectors !== undefined && "connectorUuid" in properties && "connector" in properties;
  const names = Object.keys(properties)
    .filter((name) => pointer !== "" || !context.hidden?.has(name))
    .filter((name) => !(meansConnector && (name === "connectorUuid" || name === "connector")));
  const ordered = [
    ...names.filter((name) => required.has(name)),
    ...names.filter((name) => !required.has(name)),
  ];
  const set = (name: string, child: unknown) => {
    const { [name]: _, ...others } = members;
    onChange(child === undefined ? others : { ...others, [name]: child });
  };
  return (
    <SpaceBetween size="l">
      {meansConnector && (
        <ConnectorField
          connectors={connectors}
          value={members.connectorUuid}
          error={context.errors.get(`${pointer}/connectorUuid`)}
          onChange={(uuid) => set("connectorUuid", uuid)}
        />
      )}
      {ordered.map((name) => (
        <Field
          key={name}
          schema={properties[name] ?? {}}
          value={members[name]}
          onChange={(child) => set(name, child)}
          pointer={`${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`}
          name={name}
          isRequired={required.has(name)}
          context={context}
        />
      ))}
      {ordered.length === 0 && !meansConnector && <Box color="text-body-secondary">This needs no input.</Box>}
    </SpaceBetween>
  );
}

/** An object inside an object. An optional one is added by a button. */
function Group(props: FieldProps) {
  const { schema, value, onChange, name, isRequired, pointer, context } = props;
  const label = labelOf(name);
  const error = context.errors.get(pointer);
  if (value === undefined && !isRequired)
    return (
      <Button iconName="add-plus" onClick={() => onChange(initialOf(schema, context.resolve) ?? {})}>
        {`Add ${inSentence(label)}`}
      </Button>
    );
  return (
    <fieldset className="group">
      <legend>{label}</legend>
      <SpaceBetween size="s">
        {schema.description && (
          <Box variant="small">
            <Words text={schema.description} />
          </Box>
        )}
        {error && <Box color="text-status-error">{error}</Box>}
        <Members {...props} />
        {!isRequired && (
          <Button iconName="remove" onClick={() => onChange(undefined)}>
            {`Remove ${inSentence(label)}`}
          </Button>
        )}
      </SpaceBetween>
    </fieldset>
  );
}

/** A list of objects, numbers or choices. */
function List({ schema, value, onChange, pointer, name, isRequired, context }: FieldProps) {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const item = schema.items ?? {};
  const label = labelOf(name);
  const change = (next: unknown[]) => onChange(next.length === 0 && !isRequired ? undefined : next);
  const { maxItems = Number.POSITIVE_INFINITY } = schema;
  return (
    <fieldset className="group">
      <legend>
        {label}
        {isRequired ? "" : " – optional"}
      </legend>
      <SpaceBetween size="s">
        {schema.description && (
          <Box variant="small">
            <Words text={schema.description} />
          </Box>
        )}
        {context.errors.has(pointer) && <Box color="text-status-error">{context.errors.get(pointer)}</Box>}
        {items.map((entry, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an item of a list has nothing else to be known by
          <div className="list-item" key={place}>
            <Field
              schema={item}
              value={entry}
              onChange={(next) => change(items.map((old, at) => (at === place ? next : old)))}
              pointer={`${pointer}/${place}`}
              name={`${name} ${place + 1}`}
              isRequired={true}
              context={context}
            />
            <Button
              variant="icon"
              iconName="remove"
              ariaLabel={`Remove ${inSentence(label)} ${place + 1}`}
              onClick={() => change(items.filter((_, at) => at !== place))}
            />
          </div>
        ))}
        <Button
          iconName="add-plus"
          disabled={items.length >= maxItems}
          onClick={() => change([...items, initialOf(item, context.resolve)])}
        >
          {`Add to ${inSentence(label)}`}
        </Button>
      </SpaceBetween>
    </fieldset>
  );
}

const variantLabel = (schema: Schema, place: number): string =>
  schema.title ??
  schema.$ref
    ?.split("/")
    .at(-1)
    ?.replace(/([a-z])([A-Z])/g, "$1 $2") ??
  `Variant ${place + 1}`;

/** A value that is one of several schemas. */
function Variants(props: FieldProps) {
  const { schema, value, onChange, context, name } = props;
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  const [chosen, setChosen] = useState(() => fitting(variants, value, context.resolve));
  const variant = context.resolve(variants[chosen] ?? {});
  const options = variants.map((one, place) => ({ value: String(place), label: variantLabel(one, place) }));
  return (
    <SpaceBetween size="m">
      <FormField label={name === "" ? "By" : labelOf(name)}>
        <Select
          options={options}
          selectedOption={options[chosen] ?? null}
          onChange={({ detail }) => {
            setChosen(Number(detail.selectedOption.value));
            onChange(initialOf(variants[Number(detail.selectedOption.value)] ?? {}, context.resolve));
          }}
        />
      </FormField>
      {kindOf(variant, context.resolve) === "object" ? (
        <Members {...props} schema={variant} />
      ) : (
        <Field {...props} schema={variant} />
      )}
    </SpaceBetween>
  );
}

/** The first variant that has all members of the value. */
function fitting(variants: readonly Schema[], value: unknown, resolve: Resolve): number {
  if (typeof value !== "object" || value === null) return 0;
  const names = Object.keys(value);
  const found = variants.findIndex((one) => {
    const { properties = {} } = resolve(one);
    return names.every((name) => name in properties);
  });
  return Math.max(0, found);
}

interface ConnectorFieldProps {
  readonly connectors: readonly Schemas["Connector"][];
  readonly value: unknown;
  readonly error: string | undefined;
  readonly onChange: (uuid: string | undefined) => void;
  /** Whether the station itself can be meant. @default true */
  readonly isOptional?: boolean;
}

/** `connectorUuid` or `connector`: one choice among the station's connectors. */
export function ConnectorField({
  connectors,
  value,
  error,
  onChange,
  isOptional = true,
}: ConnectorFieldProps) {
  const options = [
    ...(isOptional ? [{ value: "", label: "The whole station" }] : []),
    ...connectors.map((connector) => ({
      value: connector.connectorUuid,
      label: connectorText(connector),
      ...(connector.status && { description: connector.status }),
    })),
  ];
  return (
    <FormField label="Connector" errorText={error}>
      <Select
        options={options}
        placeholder="Choose"
        selectedOption={options.find((option) => option.value === (value ?? "")) ?? null}
        onChange={({ detail }) => onChange(detail.selectedOption.value || undefined)}
      />
    </FormField>
  );
}
