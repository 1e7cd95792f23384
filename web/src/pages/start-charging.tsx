import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import { useNavigate } from "react-router";
import { OperationForm } from "../form/operation-form.tsx";
import { PageHeader } from "../ui/page-header.tsx";

/** Starts a charge at a station that is named in the form. */
export function Component() {
  const navigate = useNavigate();
  return (
    <Container header={<PageHeader>Start charging</PageHeader>}>
      <OperationForm
        operationId="createRemoteStartAttempt"
        submitText="Start"
        actions={
          <Button variant="link" href="#/attempts" formAction="none">
            Cancel
          </Button>
        }
        onDone={({ body }) => navigate(`/attempts/${(body as { id: string }).id}`)}
      />
    </Container>
  );
}
