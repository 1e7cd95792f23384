import Alert from "@cloudscape-design/components/alert";
import type { ReactNode } from "react";

/** Something was done; it stays until the reader dismisses it. */
export function Done({ text, onDismiss }: { readonly text: ReactNode; readonly onDismiss: () => void }) {
  return (
    <Alert type="success" dismissible onDismiss={onDismiss}>
      {text}
    </Alert>
  );
}
