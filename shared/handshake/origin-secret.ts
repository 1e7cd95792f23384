/** The doors of the station endpoint: how a handshake shows which of them it came through. */
import { createHash, timingSafeEqual } from "node:crypto";

/** The header that a door adds, with a secret of its own; a station's header of that name never passes it. */
export const DOOR_HEADER = "X-Ocpp-Relay-Door";

/**
 * What the certificate door tells of the certificate that it verified.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewer-mtls-headers.html
 */
export const certificateHeaders = {
  /** "1" where there is one. */
  present: "CloudFront-Viewer-Cert-Present",
  /** Its distinguished name (RFC 2253). */
  subject: "CloudFront-Viewer-Cert-Subject",
  serialNumber: "CloudFront-Viewer-Cert-Serial-Number",
  sha256: "CloudFront-Viewer-Cert-Sha256",
} as const;

/** `basic`: passwords (security profiles 1 and 2). `certificate`: client certificates (profile 3). */
export type Door = "basic" | "certificate";

/** The secrets of each door that are good at present; several while they are being replaced. */
export type DoorSecrets = Readonly<Record<Door, readonly string[]>>;

/**
 * The door whose secret is shown; undefined where it is nobody's. All are compared, and in constant time: how
 * long it takes tells nothing of how close a guess is.
 */
export function doorOf(shown: string | undefined, secrets: DoorSecrets): Door | undefined {
  const digest = sha256(shown ?? "");
  const matches = (door: Door) =>
    secrets[door].map((secret) => secret !== "" && timingSafeEqual(sha256(secret), digest)).includes(true);
  const [basic, certificate] = [matches("basic"), matches("certificate")];
  if (certificate) return "certificate";
  return basic ? "basic" : undefined;
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
