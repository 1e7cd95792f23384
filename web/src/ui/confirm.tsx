import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Answer } from "../api/client.ts";
import { useDocument } from "../api/document.ts";
import { useNetwork } from "../context.ts";
import { SendingState, useSending } from "./sending.tsx";

interface Props {
  readonly text: string;
  readonly question: string;
  readonly details?: string;
  readonly operationId: string;
  readonly path: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly variant?: ButtonProps.Variant;
  readonly disabled?: boolean;
  readonly ariaLabel?: string;
  readonly onDone?: (answer: Answer) => void;
}

/** A button for an operation that asks before it is done. */
export function Confirm({
  text,
  question,
  details,
  operationId,
  path,
  body,
  variant,
  disabled,
  ariaLabel,
  onDone,
}: Props) {
  const [isOpen, setOpen] = useState(false);
  const { data: document } = useDocument();
  const sending = useSending();
  const { send, isSending } = sending;
  const network = useNetwork();
  const operation = document?.operations.get(operationId);
  const confirm = async () => {
    if (operation === undefined) return;
    const address = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(path[name] ?? ""),
    );
    const answer = await send({
      method: operation.method,
      path: `${address}?${new URLSearchParams(operation.takesNetwork ? network : {})}`,
      ...(body !== undefined && { body }),
      repeatable: operation.takesIdempotencyKey,
    });
    if (answer === undefined) return;
    setOpen(false);
    onDone?.(answer);
  };
  return (
    <>
      <Button
        {...(variant && { variant })}
        {...(ariaLabel && { ariaLabel })}
        disabled={disabled === true}
        onClick={() => setOpen(true)}
      >
        {text}
      </Button>
      <Modal
        visible={isOpen}
        header={question}
        closeAriaLabel="Close"
        onDismiss={() => setOpen(false)}
        footer={
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" onClick={() => setOpen(false)}>
                Cancel
              </Button>
              <Button
                variant="primary"
                loading={isSending}
                disabled={operation === undefined}
                onClick={() => void confirm()}
              >
                {text}
              </Button>
            </SpaceBetween>
          </Box>
        }
      >
        <SpaceBetween size="m">
          {details && <div>{details}</div>}
          <SendingState sending={sending} operationId={operationId} />
        </SpaceBetween>
      </Modal>
    </>
  );
}
