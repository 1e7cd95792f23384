import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";

const GENERATED_BYTES = 32;

export const generateSecret = (): string => `whsec_${randomBytes(GENERATED_BYTES).toString("base64")}`;

export interface SignedMessage {
  readonly eventId: string;
  readonly body: string;
  readonly atMs: number;
}

/** The headers by which a receiver verifies a request: one signature for each secret. */
export function signatureHeaders(
  secrets: readonly string[],
  { eventId, body, atMs }: SignedMessage,
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(eventId, new Date(atMs), body));
  return {
    "webhook-id": eventId,
    "webhook-timestamp": String(Math.floor(atMs / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}
