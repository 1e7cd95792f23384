import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useMayWrite } from "../../context.ts";
import { mergePatch } from "../../form/merge-patch.ts";
import { OperationForm } from "../../form/operation-form.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Done } from "../../ui/done.tsx";
import { Secret } from "../register-station.tsx";
import type { StationTab } from "../station.tsx";

const EDITABLE = ["name", "tags", "location", "link", "lock", "rateId", "defaultProtocol"] as const;

/** What the relay knows about a station, its password, and its removal. */
export default function Settings({ station }: StationTab) {
  const { cpId, identity } = station;
  const mayWrite = useMayWrite();
  const navigate = useNavigate();
  const [saved, setSaved] = useState<string>();
  const [password, setPassword] = useState<{ readonly status?: string; readonly password?: string }>();
  const [before] = useState(() =>
    Object.fromEntries(
      EDITABLE.filter((name) => station[name] !== undefined).map((name) => [name, station[name]]),
    ),
  );
  if (!mayWrite) return <Container>Your role may read stations, but not change them.</Container>;
  return (
    <SpaceBetween size="l">
      <Container header={<Header>Settings</Header>}>
        <SpaceBetween size="m">
          {saved && <Done text="The settings are saved." onDismiss={() => setSaved(undefined)} />}
          <OperationForm
            operationId="updateStation"
            path={{ cpId }}
            initial={before}
            toBody={(body) => mergePatch(before, body)}
            submitText="Save"
            described={false}
            onDone={({ body }) => setSaved(JSON.stringify(body))}
          />
        </SpaceBetween>
      </Container>
      {station.auth.type === "basic" && (
        <Container
          header={<Header description="Sets a new password on the station, and then here.">Password</Header>}
        >
          <SpaceBetween size="m">
            {password && (
              <Done
                text={`The station answered ${password.status ?? "nothing yet"}.`}
                onDismiss={() => setPassword(undefined)}
              />
            )}
            {password?.password && <Secret password={password.password} />}
            <OperationForm
              operationId="setPassword"
              path={{ cpId }}
              submitText="Set the password"
              onDone={({ body }) => setPassword(body as { status?: string; password?: string })}
            />
          </SpaceBetween>
        </Container>
      )}
      <Container header={<Header>Delete the station</Header>}>
        <SpaceBetween size="m">
          <div>Closes its connection and deletes its stored configuration and charges.</div>
          <Confirm
            text="Delete"
            question={`Delete the station ${identity}?`}
            operationId="deleteStation"
            path={{ cpId }}
            onDone={() => navigate("/stations")}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
