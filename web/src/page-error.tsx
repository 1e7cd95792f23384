import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useRouteError } from "react-router";

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
  <Alert type="info" header="There is no such page" action={<Button href="#/stations">Stations</Button>}>
    The address may be from another version of the console.
  </Alert>
);
