import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouteError } from "react-router";
import { PageHeader } from "./ui/page-header.tsx";

/** An error of the console itself; for instance, a page of a build that a deployment has replaced. */
export function PageError() {
  const error = useRouteError();
  return (
    <Alert
      type="error"
      header="This page cannot be shown"
      action={<Button onClick={() => location.reload()}>Reload</Button>}
    >
      {error instanceof Error ? error.message : "Unknown error"}
    </Alert>
  );
}

export const NotFound = () => (
  <Container header={<PageHeader>There is no such page</PageHeader>}>
    <SpaceBetween size="m">
      <div>The address may be from another version of the console.</div>
      <Button href="#/stations">Stations</Button>
    </SpaceBetween>
  </Container>
);
