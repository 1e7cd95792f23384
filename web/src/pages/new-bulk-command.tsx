import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { Schemas } from "../api/client.ts";
import { type ApiDocument, useDocument } from "../api/document.ts";
import { OperationForm } from "../form/operation-form.tsx";
import { cleaned, initialOf, labelOf, type Schema } from "../form/schema.ts";
import { SchemaForm } from "../form/schema-form.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProblemAlert } from "../ui/problem.tsx";
import { stationProperties } from "./stations.tsx";

/** Sends a command to many stations. The filter of the list of stations comes with the address. */
export function Component() {
  const { data: document, error } = useDocument();
  if (error) return <ProblemAlert error={error} />;
  if (document === undefined) return <Spinner size="large" />;
  return <Loaded document={document} />;
}

function Loaded({ document }: { readonly document: ApiDocument }) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [command, setCommand] = useState("change_configurations");
  const [inputs, setInputs] = useState<Readonly<Record<string, unknown>>>({});
  const schema = inputSchema(document, command);
  const input = inputs[command] ?? initialOf(schema, document.resolve);
  const options = commandNames(document).map((name) => ({ value: name, label: labelOf(name) }));
  return (
    <Container header={<PageHeader>New bulk command</PageHeader>}>
      <OperationForm
        operationId="createBulkCommand"
        fixed={{ command, input: cleaned(input) }}
        initial={{ stations: { filter: filterOf(search) } }}
        submitText="Send to the stations"
        actions={
          <Button variant="link" href="#/bulk" formAction="none">
            Cancel
          </Button>
        }
        before={(errors) => (
          <SpaceBetween size="l">
            <FormField label="Command">
              <Select
                options={options}
                filteringType="auto"
                selectedOption={options.find(({ value }) => value === command) ?? null}
                onChange={({ detail }) => setCommand(detail.selectedOption.value ?? command)}
              />
            </FormField>
            <fieldset className="group">
              <legend>Input of the command</legend>
              <SchemaForm
                key={command}
                schema={schema}
                value={input}
                onChange={(next) => setInputs({ ...inputs, [command]: next })}
                resolve={document.resolve}
                errors={below("/input", errors)}
              />
            </fieldset>
          </SpaceBetween>
        )}
        onDone={({ body }) => navigate(`/bulk/${encodeURIComponent((body as Schemas["Bulk"]).bulkId)}`)}
      />
    </Container>
  );
}

/** The errors inside a member, by their pointers from there. */
const below = (prefix: string, errors: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...errors].flatMap(([pointer, detail]) =>
      pointer.startsWith(prefix) ? [[pointer.slice(prefix.length), detail] as const] : [],
    ),
  );

function commandNames({ operations, resolve }: ApiDocument): readonly string[] {
  const body = resolve(operations.get("createBulkCommand")?.body ?? {});
  return (body.properties?.command?.enum ?? []).map(String);
}

/** The connector of the one command whose path names it: in bulk it is a member. */
const connectorInput: Schema = {
  type: "object",
  properties: {
    connector: {
      type: "string",
      description: "`2` (as OCPP 1.6 counts connectors) or `2:1` (EVSE and connector).",
    },
  },
  required: ["connector"],
};

/** The body of the command's own route. */
function inputSchema({ operations, resolve }: ApiDocument, command: string): Schema {
  if (command === "unlock_connector") return connectorInput;
  const own = [...operations.values()].find(
    ({ method, path }) => method === "POST" && path.split("/").includes(command),
  );
  return resolve(own?.body ?? { type: "object", properties: {} });
}

function filterOf(search: URLSearchParams): Record<string, unknown> {
  const entries = stationProperties.flatMap(({ key }) => {
    const value = search.get(key);
    if (value === null || value === "") return [];
    return [[key, key === "connected" ? value === "true" : value] as const];
  });
  return Object.fromEntries(entries);
}
