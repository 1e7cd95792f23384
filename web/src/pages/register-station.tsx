import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Schemas } from "../api/client.ts";
import { useConsole } from "../context.ts";
import { OperationForm } from "../form/operation-form.tsx";
import { PageHeader } from "../ui/page-header.tsx";

export function Component() {
  const { config } = useConsole();
  const [station, setStation] = useState<Schemas["RegisteredStation"]>();
  if (station === undefined)
    return (
      <Container header={<PageHeader>Register a station</PageHeader>}>
        <OperationForm
          operationId="registerStation"
          submitText="Register"
          actions={
            <Button variant="link" href="#/stations" formAction="none">
              Cancel
            </Button>
          }
          onDone={({ body }) => setStation(body as Schemas["RegisteredStation"])}
        />
      </Container>
    );
  return (
    <Container header={<PageHeader>{`${station.identity} is registered`}</PageHeader>}>
      <SpaceBetween size="l">
        {station.password && <Secret password={station.password} />}
        <KeyValuePairs
          columns={2}
          items={[
            {
              label: "Address for the station",
              value: `${config.stationUrl ?? "wss://…/ocpp"}/${station.identity}`,
            },
            { label: "User name", value: station.identity },
          ]}
        />
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="primary" href={`#/stations/${station.cpId}`}>
            Open the station
          </Button>
          <Button onClick={() => setStation(undefined)}>Register another one</Button>
        </SpaceBetween>
      </SpaceBetween>
    </Container>
  );
}

/** A generated password: the API returns it only once. */
export function Secret({ password }: { readonly password: string }) {
  return (
    <Alert type="warning" header="The password is shown only now">
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <code>{password}</code>
        <CopyToClipboard
          variant="inline"
          copyButtonAriaLabel="Copy the password"
          copySuccessText="Copied"
          copyErrorText="Not copied"
          textToDisplay=""
          textToCopy={password}
        />
      </SpaceBetween>
    </Alert>
  );
}
